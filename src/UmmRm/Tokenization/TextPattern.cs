using System.Text;

namespace UmmRm.Tokenization;

/// <summary>Something that finds its matches in a text, from left to right, on code point boundaries, never an empty one.</summary>
internal abstract class TextPattern
{
    /// <summary>Appends all matches, positions relative to the text.</summary>
    public abstract void Find(ReadOnlySpan<char> text, List<TokenSpan> matches);

    /// <summary>The text with a string in the place of each match.</summary>
    public string Replace(string text, string content)
    {
        List<TokenSpan> matches = [];
        Find(text, matches);
        if (matches.Count == 0)
            return text;
        var replaced = new StringBuilder();
        var at = 0;
        foreach (var (start, end) in matches)
        {
            replaced.Append(text, at, start - at).Append(content);
            at = end;
        }
        return replaced.Append(text, at, text.Length - at).ToString();
    }
}

/// <summary>A fixed string; the empty one matches nowhere.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, List<TokenSpan> matches)
    {
        if (literal.Length == 0)
            return;
        for (var from = 0; text[from..].IndexOf(literal, StringComparison.Ordinal) is var step and >= 0; from += step + literal.Length)
            matches.Add(new TokenSpan(from + step, from + step + literal.Length));
    }
}

/// <summary>Single code points of some classes of <see cref="CharacterClass"/>.</summary>
internal sealed class CharacterPattern(byte classes) : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, List<TokenSpan> matches)
    {
        for (int at = 0, units; at < text.Length; at += units)
        {
            if ((CharacterClass.At(text, at, out units) & classes) != 0)
                matches.Add(new TokenSpan(at, at + units));
        }
    }
}

/// <summary>Runs of word characters, and runs of what is neither a word character nor white space: <c>\w+|[^\w\s]+</c>.</summary>
internal sealed class WordOrPunctuationPattern : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, List<TokenSpan> matches)
    {
        for (int at = 0, end; at < text.Length; at = end)
        {
            var kind = Kind(text, at, out var units);
            for (end = at + units; end < text.Length && Kind(text, end, out units) == kind; end += units)
            {
            }
            if (kind != CharacterClass.Space)
                matches.Add(new TokenSpan(at, end));
        }
    }

    private static int Kind(ReadOnlySpan<char> text, int index, out int units) =>
        CharacterClass.At(text, index, out units) & (CharacterClass.Word | CharacterClass.Space);
}
