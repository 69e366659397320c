namespace UmmRm.Tokenization;

/// <summary>
/// Leaves white space out of a token's offsets (ByteLevel's trim_offsets), as the reference does: the token keeps it, a token of spaces gets an
/// empty stretch.
/// </summary>
/// <param name="AddsPrefixSpace">Whether one space at the start of the text counts as added, and so not as part of it.</param>
internal sealed record OffsetTrimming(bool AddsPrefixSpace)
{
    public TokenSpan Trim(string token, TokenSpan span, bool isFirst)
    {
        var leading = token.TakeWhile(IsSpace).Count();
        var trailing = token.Reverse().TakeWhile(IsSpace).Count();
        if (leading == 1 && AddsPrefixSpace && (isFirst || span.Start == 0))
            leading = 0;
        var start = Math.Min(span.Start + leading, span.End);
        var end = span.End >= trailing ? Math.Max(span.End - trailing, start) : span.End;
        return new TokenSpan(start, end);
    }

    private static bool IsSpace(char character) => character == ByteAlphabet.CharacterOf((byte)' ') || char.IsWhiteSpace(character);
}
