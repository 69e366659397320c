using static UmmRm.Tokenization.CharacterClass;

namespace UmmRm.Tokenization;

/// <summary>A pattern whose matches follow each other without gaps, scanned by hand because a .NET regular expression sees UTF-16 units.</summary>
internal abstract class WordScanner : TextPattern
{
    public sealed override void Find(ReadOnlySpan<char> text, List<TokenSpan> matches)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = End(text, start);
            matches.Add(new TokenSpan(start, end));
        }
    }

    /// <summary>Where the word that begins at <paramref name="start"/> ends.</summary>
    protected abstract int End(ReadOnlySpan<char> text, int start);

    /// <summary>The scanner of a pattern as it is spelled in tokenizer files; null when it is none of the known ones.</summary>
    public static WordScanner? For(string pattern) => pattern switch
    {
        Gpt2Scanner.Pattern or Gpt2Scanner.NewerPattern => new Gpt2Scanner(),
        Llama3Scanner.Qwen2Pattern => new Llama3Scanner(longestNumber: 1),
        Llama3Scanner.Llama3Pattern => new Llama3Scanner(longestNumber: 3),
        _ => null,
    };

    /// <summary>Skips characters of some classes.</summary>
    protected static int Skip(ReadOnlySpan<char> text, int from, byte classes)
    {
        while (from < text.Length && (At(text, from, out var units) & classes) != 0)
            from += units;
        return from;
    }

    /// <summary>Skips <c>[^\s\p{L}\p{N}]</c>.</summary>
    protected static int SkipOther(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && (At(text, from, out var units) & (Letter | Number | Space)) == 0)
            from += units;
        return from;
    }

    /// <summary><c>\s+(?!\S)|\s+</c> for the white space that fills [start, end): all of it at the end of the text, else all but its last character.</summary>
    protected static int WhiteSpaceEnd(ReadOnlySpan<char> text, int start, int end) => end == text.Length || end == start + 1 ? end : end - 1;

    /// <summary>The length of <c>'s|'t|'re|'ve|'m|'ll|'d</c> at an apostrophe, or 0.</summary>
    protected static int ContractionLength(ReadOnlySpan<char> text, int at, bool ignoreCase)
    {
        var rest = text[(at + 1)..];
        if (rest.IsEmpty)
            return 0;
        var first = Fold(rest[0], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        var second = rest.Length > 1 ? Fold(rest[1], ignoreCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>Simple case folding for the letters of the contractions: the long s folds to s.</summary>
    private static char Fold(char c, bool ignoreCase) => !ignoreCase ? c : c == '\u017F' ? 's' : char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
}

/// <summary>GPT-2's words, also those of GPT-NeoX and Pythia.</summary>
internal sealed class Gpt2Scanner : WordScanner
{
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string NewerPattern = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    protected override int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text, start, ignoreCase: false) is var length and > 0)
            return start + length;
        var body = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var classes = At(text, body, out var units);
        if ((classes & Letter) != 0)
            return Skip(text, body + units, Letter);
        if ((classes & Number) != 0)
            return Skip(text, body + units, Number);
        return (classes & Space) == 0 ? SkipOther(text, body + units) : WhiteSpaceEnd(text, start, Skip(text, start, Space));
    }
}

/// <summary>The words of Llama 3 (numbers cut every three digits) and Qwen2 (every digit alone).</summary>
internal sealed class Llama3Scanner(int longestNumber) : WordScanner
{
    public const string Qwen2Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Llama3Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    protected override int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text, start, ignoreCase: true) is var length and > 0)
            return start + length;
        var classes = At(text, start, out var units);
        var second = start + units;
        if ((classes & Letter) != 0)
            return Skip(text, second, Letter);
        if ((classes & Number) != 0)
            return NumberEnd(text, second);
        if (text[start] is not ('\r' or '\n') && Skip(text, second, Letter) is var letters && letters > second)
            return letters;
        var other = text[start] == ' ' ? second : start;
        if (SkipOther(text, other) is var end && end > other)
            return SkipNewlines(text, end);
        end = Skip(text, start, Space);
        var newline = text[start..end].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : WhiteSpaceEnd(text, start, end);
    }

    private int NumberEnd(ReadOnlySpan<char> text, int from)
    {
        for (var digits = 1; digits < longestNumber && from < text.Length && (At(text, from, out var units) & Number) != 0; digits++)
            from += units;
        return from;
    }

    private static int SkipNewlines(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && text[from] is '\r' or '\n')
            from++;
        return from;
    }
}
