using System.Globalization;

namespace UmmRm.Tokenization;

/// <summary>
/// What kind of character stands at a place of a text, by code points: an astral letter is a letter, not two halves of something else.
/// Letters are <c>\p{L}</c>, numbers <c>\p{N}</c>, spaces the property White_Space; word characters are those of <c>\w</c> in the reference
/// library (Alphabetic, marks, decimal digits, connector punctuation, join controls).
/// </summary>
internal static class CharacterClass
{
    public const byte Letter = 1, Number = 2, Space = 4, Word = 8;

    private const byte HighSurrogate = 128;
    private static readonly byte[] BasicPlane = BuildBasicPlane();

    /// <summary>The classes of the code point at <paramref name="index"/> and how many UTF-16 units (1 or 2) it takes.</summary>
    public static byte At(ReadOnlySpan<char> text, int index, out int units)
    {
        units = 1;
        var classes = BasicPlane[text[index]];
        if ((classes & HighSurrogate) == 0 || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]))
            return classes;
        units = 2;
        return Of(char.ConvertToUtf32(text[index], text[index + 1]));
    }

    /// <summary>The classes of the code point that ends before <paramref name="index"/>.</summary>
    public static byte Before(ReadOnlySpan<char> text, int index, out int units)
    {
        units = index > 1 && char.IsSurrogatePair(text[index - 2], text[index - 1]) ? 2 : 1;
        return At(text, index - units, out _);
    }

    private static byte Of(int codePoint)
    {
        var category = CharUnicodeInfo.GetUnicodeCategory(codePoint);
        byte classes = category switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Letter | Word,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => Number | Word,
            UnicodeCategory.OtherNumber => Number,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.ConnectorPunctuation => Word,
            _ => 0,
        };
        if (IsOtherAlphabetic(codePoint) || codePoint is 0x200C or 0x200D)
            classes |= Word;
        return classes;
    }

    /// <summary>The symbols among Other_Alphabetic (circled and squared Latin letters); its other members are marks.</summary>
    private static bool IsOtherAlphabetic(int codePoint) =>
        codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    private static byte[] BuildBasicPlane()
    {
        var table = new byte[0x10000];
        for (var c = 0; c < table.Length; c++)
        {
            table[c] = Of(c);
            if (char.IsWhiteSpace((char)c))
                table[c] |= Space;
            if (char.IsHighSurrogate((char)c))
                table[c] |= HighSurrogate;
        }
        return table;
    }
}
