namespace UmmRm.Tokenization;

/// <summary>
/// A text on its way to tokens that remembers, for each of its UTF-16 units, which stretch of the original text it stands for.
/// </summary>
internal sealed class AlignedText
{
    private readonly TokenSpan[]? _origins;

    /// <summary>The original text itself: every character stands for itself.</summary>
    public AlignedText(string text) => Text = text;

    /// <summary>A rewritten text; <paramref name="origins"/> holds one stretch of the original (UTF-16 units) per unit of <paramref name="text"/>.</summary>
    public AlignedText(string text, TokenSpan[] origins) => (Text, _origins) = (text, origins);

    public string Text { get; }

    /// <summary>The stretch of the original text, in UTF-16 units, that the character at <paramref name="index"/> stands for: never half a surrogate pair.</summary>
    public TokenSpan Origin(int index)
    {
        if (_origins is not null)
            return _origins[index];
        if (char.IsHighSurrogate(Text[index]))
            return new TokenSpan(index, index + 2);
        return char.IsLowSurrogate(Text[index]) ? new TokenSpan(index - 1, index + 1) : new TokenSpan(index, index + 1);
    }
}

/// <summary>A stretch of an <see cref="AlignedText"/>, on code point boundaries: text still to be tokenized, or (Token at least 0) an added token that was found.</summary>
internal readonly record struct Piece(AlignedText Source, int Start, int End, int Token = -1)
{
    public ReadOnlySpan<char> Span => Source.Text.AsSpan(Start, End - Start);

    public bool IsEmpty => Start == End;

    /// <summary>Where the piece begins in the original text.</summary>
    public int OriginalStart => IsEmpty ? 0 : Source.Origin(Start).Start;
}
