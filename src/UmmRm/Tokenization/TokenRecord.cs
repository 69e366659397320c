namespace UmmRm.Tokenization;

/// <summary>Collects the tokens of a text with their offsets.</summary>
internal sealed class TokenRecord(string text, TokenizerParts parts)
{
    private readonly List<int> _ids = [];
    private readonly List<int> _widths = [];
    private readonly List<string> _tokens = [];
    private readonly List<TokenSpan> _offsets = [];
    private readonly int[] _codePoints = CountCodePoints(text);

    /// <summary>Adds tokens that stand for nothing in the text.</summary>
    public void AddTemplate(IEnumerable<int> template, Func<int, string?> tokenOf)
    {
        foreach (var id in template)
            Add(id, tokenOf(id) ?? "", default);
    }

    /// <summary>Adds the tokens of a word, or an added token.</summary>
    public void AddWord(Piece word)
    {
        if (word.Token >= 0)
        {
            AddTrimmed(word.Token, word.Span.ToString(), Original(word.Source, word.Start, word.End - 1));
            return;
        }
        List<int> wordIds = [];
        _widths.Clear();
        parts.Model.Encode(word.Span, wordIds, _widths);
        var units = UnitOfEachByte(word.Span);
        var first = 0;
        for (var i = 0; i < wordIds.Count; i++)
        {
            var last = first + _widths[i] - 1;
            AddTrimmed(wordIds[i], parts.Model.Vocabulary.TokenOf(wordIds[i])!, Original(word.Source, word.Start + units[first], word.Start + units[last]));
            first = last + 1;
        }
    }

    public TokenizedText Build() => new(text, [.. _ids], [.. _tokens], [.. _offsets]);

    private void AddTrimmed(int id, string token, TokenSpan span) => Add(id, token, parts.Trimming?.Trim(token, span, isFirst: _ids.Count == 0) ?? span);

    private void Add(int id, string token, TokenSpan span)
    {
        _ids.Add(id);
        _tokens.Add(token);
        _offsets.Add(span);
    }

    private TokenSpan Original(AlignedText source, int first, int last) => new(_codePoints[source.Origin(first).Start], _codePoints[source.Origin(last).End]);

    /// <summary>For each byte of the text's UTF-8 the UTF-16 unit where its character begins.</summary>
    private static List<int> UnitOfEachByte(ReadOnlySpan<char> word)
    {
        var units = new List<int>(word.Length);
        var at = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            for (var i = 0; i < rune.Utf8SequenceLength; i++)
                units.Add(at);
            at += rune.Utf16SequenceLength;
        }
        return units;
    }

    /// <summary>For each UTF-16 unit, and the end, how many code points stand before it.</summary>
    private static int[] CountCodePoints(string text)
    {
        var counts = new int[text.Length + 1];
        for (var i = 0; i < text.Length; i++)
            counts[i + 1] = counts[i] + (char.IsLowSurrogate(text[i]) ? 0 : 1);
        return counts;
    }
}
