using System.Buffers;
using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// GPT-2's printable stand-ins for bytes: those printable in Latin-1 stand for themselves, the other 68 are U+0100 and onwards in order.
/// A byte-level vocabulary spells its tokens with them.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    /// <summary>The character that stands for a byte.</summary>
    public static char CharacterOf(byte value) => Characters[value];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ByteOf(char character) => character < Bytes.Length ? Bytes[character] : -1;

    /// <summary>Writes the stand-ins of the text's UTF-8 bytes and says how many they are; <paramref name="destination"/> needs three places per UTF-16 unit.</summary>
    public static int Spell(ReadOnlySpan<char> text, Span<char> destination)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(text.Length * 3);
        var count = Encoding.UTF8.GetBytes(text, bytes);
        for (var i = 0; i < count; i++)
            destination[i] = Characters[bytes[i]];
        ArrayPool<byte>.Shared.Return(bytes);
        return count;
    }

    private static char[] BuildCharacters()
    {
        var next = 0x100;
        var characters = new char[256];
        for (var value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : (char)next++;
        return characters;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
            bytes[Characters[value]] = (short)value;
        return bytes;
    }
}
