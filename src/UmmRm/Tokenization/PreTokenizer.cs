namespace UmmRm.Tokenization;

/// <summary>Cuts a text into words, which the model then tokenizes one by one.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Appends the words of a piece.</summary>
    public abstract void Split(Piece piece, List<Piece> words);
}

/// <summary>Each step cuts what the one before it made.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> words)
    {
        List<Piece> current = [piece];
        foreach (var step in steps)
        {
            List<Piece> next = new(current.Count);
            foreach (var word in current)
                step.Split(word, next);
            current = next;
        }
        words.AddRange(current);
    }
}

/// <summary>What becomes of the matches of a pattern.</summary>
internal enum SplitBehavior
{
    /// <summary>A match vanishes.</summary>
    Removed,

    /// <summary>A match is a word.</summary>
    Isolated,

    /// <summary>A match belongs to the text before it.</summary>
    MergedWithPrevious,

    /// <summary>A match belongs to the text after it.</summary>
    MergedWithNext,

    /// <summary>Matches in a row are one word.</summary>
    Contiguous,
}

/// <summary>Cuts at the matches of a pattern, or (inverted) at what does not match.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert = false) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> words)
    {
        var matches = new List<TokenSpan>(16 + (piece.Span.Length / 4));
        pattern.Find(piece.Span, matches);
        var at = 0;
        bool? previous = null;
        foreach (var (start, end) in matches)
        {
            if (start > at)
                Add(piece, at, start, invert, ref previous, words);
            Add(piece, start, end, !invert, ref previous, words);
            at = end;
        }
        if (at < piece.Span.Length)
            Add(piece, at, piece.Span.Length, invert, ref previous, words);
    }

    private void Add(Piece piece, int start, int end, bool matched, ref bool? previous, List<Piece> words)
    {
        var joined = behavior switch
        {
            SplitBehavior.MergedWithPrevious => matched && previous == false,
            SplitBehavior.MergedWithNext => !matched && previous == true,
            SplitBehavior.Contiguous => matched == previous,
            _ => false,
        };
        if (joined)
            words[^1] = words[^1] with { End = piece.Start + end };
        else if (behavior != SplitBehavior.Removed || !matched)
            words.Add(piece with { Start = piece.Start + start, End = piece.Start + end });
        previous = matched;
    }
}

/// <summary>Puts a space before a text that does not begin with one (ByteLevel's add_prefix_space).</summary>
internal sealed class PrefixSpacePreTokenizer : PreTokenizer
{
    private readonly PrependNormalizer _prepend = new(" ");

    public override void Split(Piece piece, List<Piece> words) => words.Add(piece.Span.StartsWith(' ') ? piece : _prepend.Normalize(piece));
}

/// <summary>When a Metaspace puts its mark before a text that does not begin with it.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>Writes spaces as a visible mark and, if told, cuts before each mark.</summary>
internal sealed class MetaspacePreTokenizer(char mark, PrependScheme scheme, bool split) : PreTokenizer
{
    private readonly ReplaceNormalizer _replace = new(new LiteralPattern(" "), mark.ToString());
    private readonly PrependNormalizer _prepend = new(mark.ToString());
    private readonly SplitPreTokenizer _cut = new(new LiteralPattern(mark.ToString()), SplitBehavior.MergedWithNext);

    public override void Split(Piece piece, List<Piece> words)
    {
        var text = _replace.Normalize(piece);
        var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.OriginalStart == 0);
        if (prepends && !text.Span.StartsWith(mark))
            text = _prepend.Normalize(text);
        if (split)
            _cut.Split(text, words);
        else
            words.Add(text);
    }
}
