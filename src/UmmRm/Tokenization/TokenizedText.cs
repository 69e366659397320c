namespace UmmRm.Tokenization;

/// <summary>A stretch of text, end exclusive.</summary>
public readonly record struct TokenSpan(int Start, int End);

/// <summary>The tokens of a text and where each of them came from.</summary>
public sealed class TokenizedText
{
    internal TokenizedText(string text, int[] ids, string[] tokens, TokenSpan[] offsets) => (Text, Ids, Tokens, Offsets) = (text, ids, tokens, offsets);

    /// <summary>The text that was encoded (lone surrogates already replaced by U+FFFD, which keeps every position).</summary>
    public string Text { get; }

    /// <summary>Token ids, the template's own tokens included.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>The tokens as the vocabulary spells them; for an added token the text that it matched, swallowed spaces included.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Per token the stretch of <see cref="Text"/> in code points, as the reference library counts; (0, 0) for tokens of the template.</summary>
    public IReadOnlyList<TokenSpan> Offsets { get; }

    /// <summary><see cref="Offsets"/> in UTF-16 units, the positions of a C# string.</summary>
    public IReadOnlyList<TokenSpan> Utf16Offsets()
    {
        var units = new List<int>(Text.Length + 1);
        for (var i = 0; i < Text.Length; i += char.IsHighSurrogate(Text[i]) ? 2 : 1)
            units.Add(i);
        units.Add(Text.Length);
        return [.. Offsets.Select(span => new TokenSpan(units[span.Start], units[span.End]))];
    }
}
