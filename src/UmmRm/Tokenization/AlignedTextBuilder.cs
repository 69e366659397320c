using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// Rewrites a piece from left to right and keeps the origins: a replaced character keeps its origin, an inserted one takes that of the
/// last source character passed, removed ones vanish. The reference library's rules, which decide what offsets a token gets.
/// </summary>
internal sealed class AlignedTextBuilder(Piece source)
{
    private readonly StringBuilder _text = new(source.End - source.Start + 8);
    private readonly List<TokenSpan> _origins = new(source.End - source.Start + 8);
    private int _position = source.Start;

    /// <summary>Adds a character that has no source of its own.</summary>
    public void Insert(Rune character) =>
        Append(character, _position > source.Start ? source.Source.Origin(_position - 1) : new TokenSpan(source.OriginalStart, source.OriginalStart));

    /// <summary>Puts a character in the place of the next source character, and drops <paramref name="dropped"/> code points after it.</summary>
    public void Replace(Rune character, int dropped = 0)
    {
        Append(character, source.Source.Origin(Math.Min(_position, source.End - 1)));
        Drop(1 + dropped);
    }

    /// <summary>Leaves out the next source characters.</summary>
    public void Drop(int codePoints)
    {
        for (; codePoints > 0 && _position < source.End; codePoints--)
            _position += char.IsHighSurrogate(source.Source.Text[_position]) ? 2 : 1;
    }

    /// <summary>Leaves out source characters up to the index <paramref name="end"/> of the piece's text.</summary>
    public void DropUntil(int end) => _position = end;

    /// <summary>Takes over source characters up to the index <paramref name="end"/> of the piece's text.</summary>
    public void KeepUntil(int end)
    {
        _text.Append(source.Source.Text, _position, end - _position);
        for (; _position < end; _position++)
            _origins.Add(source.Source.Origin(_position));
    }

    /// <summary>The rewritten text as one piece.</summary>
    public Piece Build() => new(new AlignedText(_text.ToString(), [.. _origins]), 0, _text.Length);

    private void Append(Rune character, TokenSpan origin)
    {
        Span<char> units = stackalloc char[2];
        var count = character.EncodeToUtf16(units);
        _text.Append(units[..count]);
        for (var i = 0; i < count; i++)
            _origins.Add(origin);
    }
}
