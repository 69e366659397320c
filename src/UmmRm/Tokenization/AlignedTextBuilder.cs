using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// Rewrites a piece from left to right and keeps the origins: a replaced character keeps its origin, an inserted one takes that of the
/// last source character passed, removed ones vanish. The reference library's rules, which decide what offsets a token gets.
/// </summary>
internal sealed class AlignedTextBuilder(Piece source)
{
    private readonly StringBuilder text = new(source.End - source.Start + 8);
    private readonly List<TokenSpan> origins = new(source.End - source.Start + 8);
    private int position = source.Start;

    /// <summary>Adds a character that has no source of its own.</summary>
    public void Insert(Rune character) =>
        Append(character, position > source.Start ? source.Source.Origin(position - 1) : new TokenSpan(source.OriginalStart, source.OriginalStart));

    /// <summary>Puts a character in the place of the next source character, and drops <paramref name="dropped"/> code points after it.</summary>
    public void Replace(Rune character, int dropped = 0)
    {
        Append(character, source.Source.Origin(Math.Min(position, source.End - 1)));
        Drop(1 + dropped);
    }

    /// <summary>Leaves out the next source characters.</summary>
    public void Drop(int codePoints)
    {
        for (; codePoints > 0 && position < source.End; codePoints--)
            position += char.IsHighSurrogate(source.Source.Text[position]) ? 2 : 1;
    }

    /// <summary>Leaves out source characters up to the index <paramref name="end"/> of the piece's text.</summary>
    public void DropUntil(int end) => position = end;

    /// <summary>Takes over source characters up to the index <paramref name="end"/> of the piece's text.</summary>
    public void KeepUntil(int end)
    {
        text.Append(source.Source.Text, position, end - position);
        for (; position < end; position++)
            origins.Add(source.Source.Origin(position));
    }

    /// <summary>The rewritten text as one piece.</summary>
    public Piece Build() => new(new AlignedText(text.ToString(), [.. origins]), 0, text.Length);

    private void Append(Rune character, TokenSpan origin)
    {
        Span<char> units = stackalloc char[2];
        var count = character.EncodeToUtf16(units);
        text.Append(units[..count]);
        for (var i = 0; i < count; i++)
            origins.Add(origin);
    }
}
