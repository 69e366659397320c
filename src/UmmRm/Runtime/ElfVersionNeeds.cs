using System.Buffers.Binary;
using System.Text;

namespace UmmRm.Runtime;

/// <summary>
/// Reads and edits the symbol-version requirements of a 64-bit little-endian ELF library (the section of type SHT_GNU_verneed).
/// The layout is that of the System V gABI with the GNU versioning extension (LSB Core, "Symbol Versioning").
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 0x2;

    /// <summary>
    /// Marks the requirement for <paramref name="version"/> (for example GLIBCXX_3.4.32) as weak, in place: the dynamic loader then
    /// accepts a library that does not offer it. Right only when no symbol of that version is ever called.
    /// </summary>
    /// <returns>true when the requirement was found and is weak now; false when the file has none of that name.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file, or its tables point outside it.</exception>
    public static bool MarkWeak(Span<byte> elf, string version)
    {
        if (elf.Length < 64 || !elf[..6].SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var found = false;
        for (var index = 0; index < SectionCount(elf); index++)
        {
            var section = Section(elf, index);
            if (UInt32(section, 4) != SectionTypeVersionNeeds)
                continue;
            var strings = Section(elf, (int)UInt32(section, 40));
            found |= MarkWeakIn(elf, Offset(section), (int)UInt32(section, 44), Offset(strings), version);
        }
        return found;
    }

    /// <summary>Walks one table of requirements: a chain of libraries, each with a chain of the versions needed of it.</summary>
    private static bool MarkWeakIn(Span<byte> elf, int table, int libraries, int strings, string version)
    {
        var found = false;
        var library = table;
        for (var l = 0; l < libraries; l++)
        {
            var need = library + (int)UInt32(elf, library + 8);
            for (var n = UInt16(elf, library + 2); n > 0; n--)
            {
                if (NameEquals(elf, strings + (int)UInt32(elf, need + 8), version))
                {
                    Check(elf, need + 4, 2);
                    BinaryPrimitives.WriteUInt16LittleEndian(elf[(need + 4)..], (ushort)(UInt16(elf, need + 4) | FlagWeak));
                    found = true;
                }
                need += (int)UInt32(elf, need + 12);
            }
            library += (int)UInt32(elf, library + 12);
        }
        return found;
    }

    private static int SectionCount(ReadOnlySpan<byte> elf) => UInt16(elf, 60);

    private static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> elf, int index)
    {
        var size = UInt16(elf, 58);
        var start = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(elf[40..]) + index * size);
        Check(elf, start, size);
        return elf.Slice(start, size);
    }

    private static int Offset(ReadOnlySpan<byte> section) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(section[24..]));

    private static bool NameEquals(ReadOnlySpan<byte> elf, int start, string name)
    {
        var expected = Encoding.ASCII.GetBytes(name + '\0');
        return start >= 0 && start + expected.Length <= elf.Length && elf.Slice(start, expected.Length).SequenceEqual(expected);
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at)
    {
        Check(bytes, at, 2);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at)
    {
        Check(bytes, at, 4);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    }

    private static void Check(ReadOnlySpan<byte> bytes, int at, int length)
    {
        if (at < 0 || at + length > bytes.Length)
            throw new InvalidDataException($"an ELF table points to byte {at}, outside the file of {bytes.Length} bytes");
    }
}
