using System.Text;

namespace UmmRm.Jinja;

/// <summary>Python's methods of texts.</summary>
internal static class TextMethods
{
    /// <summary>A method of a text, or null.</summary>
    public static Func<CallValues, object?>? Find(string text, string name, Budget budget) => name switch
    {
        "strip" => values => Strip(text, values, start: true, end: true),
        "lstrip" => values => Strip(text, values, start: true, end: false),
        "rstrip" => values => Strip(text, values, start: false, end: true),
        "upper" => _ => text.ToUpperInvariant(),
        "lower" => _ => text.ToLowerInvariant(),
        "title" => _ => Title(text),
        "capitalize" => _ => Capitalize(text),
        "startswith" => values => Options(values).Any(start => text.StartsWith(start, StringComparison.Ordinal)),
        "endswith" => values => Options(values).Any(end => text.EndsWith(end, StringComparison.Ordinal)),
        "split" => values => Split(text, values.Get(0, "sep"), PythonValue.Whole(values.Get(1, "maxsplit", -1L)), fromEnd: false),
        "rsplit" => values => Split(text, values.Get(0, "sep"), PythonValue.Whole(values.Get(1, "maxsplit", -1L)), fromEnd: true),
        "splitlines" => _ => (text.EndsWith('\n') ? text[..^1] : text).Split('\n').Where((_, i) => text.Length > 0 || i > 0).Select(line => (object?)line.TrimEnd('\r')).ToList(),
        "replace" => values => Replace(text, PythonValue.String(values.Need(0, "old")), PythonValue.String(values.Need(1, "new")), PythonValue.Whole(values.Get(2, "count", -1L)), budget),
        "join" => values => Join(text, values.Need(0, "iterable"), budget),
        "find" => values => text.IndexOf(Part(text, values), StringComparison.Ordinal) is >= 0 and var at ? PythonValue.CodePoints(text[..at]) : -1L,
        "rfind" => values => text.LastIndexOf(Part(text, values), StringComparison.Ordinal) is >= 0 and var at ? PythonValue.CodePoints(text[..at]) : -1L,
        "count" => values => Part(text, values) is { Length: > 0 } part ? (long)text.AsSpan().Count(part) : PythonValue.CodePoints(text) + 1L,
        "isdigit" => _ => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => _ => text.Length > 0 && text.All(char.IsLetter),
        "isalnum" => _ => text.Length > 0 && text.All(char.IsLetterOrDigit),
        "isspace" => _ => text.Length > 0 && text.All(char.IsWhiteSpace),
        "isupper" => _ => text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "islower" => _ => text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "removeprefix" => values => text.StartsWith(PythonValue.String(values.Need(0, "prefix")), StringComparison.Ordinal) ? text[PythonValue.String(values.Get(0, "prefix")).Length..] : text,
        "removesuffix" => values => text.EndsWith(PythonValue.String(values.Need(0, "suffix")), StringComparison.Ordinal) ? text[..^PythonValue.String(values.Get(0, "suffix")).Length] : text,
        _ => null,
    };

    /// <summary>Every word with a capital first.</summary>
    public static string Title(string text)
    {
        var (result, inWord) = (new StringBuilder(text.Length), false);
        foreach (var c in text)
        {
            result.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetter(c);
        }
        return result.ToString();
    }

    /// <summary>The first letter large, all others small.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>Occurrences replaced, from the start, at most <paramref name="count"/> unless it is negative.</summary>
    public static string Replace(string text, string old, string with, long count, Budget budget)
    {
        Budget.Search(text, old);
        if (count < 0 && old.Length > 0)
        {
            budget.Characters(text.Length + (long)text.AsSpan().Count(old) * Math.Max(0, with.Length - old.Length));
            return text.Replace(old, with, StringComparison.Ordinal);
        }
        var (result, at, left) = (new StringBuilder(), 0, count < 0 ? long.MaxValue : count);
        while (left-- > 0 && at <= text.Length)
        {
            var next = text.IndexOf(old, at, StringComparison.Ordinal);
            if (next < 0)
                break;
            result.Append(text, at, next - at).Append(with);
            at = next + old.Length;
            if (old.Length == 0)
            {
                if (at == text.Length)
                    return result.ToString();
                result.Append(text[at++]);
            }
            budget.Characters(result.Length);
        }
        return result.Append(text, Math.Min(at, text.Length), text.Length - Math.Min(at, text.Length)).ToString();
    }

    /// <summary>The items' texts with this one between them.</summary>
    public static string Join(string separator, object? items, Budget budget)
    {
        var result = new StringBuilder();
        foreach (var (index, item) in PythonValue.Items(items).Index())
        {
            result.Append(index > 0 ? separator : "").Append(item as string ?? throw new TemplateException($"sequence item {index}: expected str instance, {PythonValue.TypeName(item)} found"));
            budget.Characters(result.Length);
        }
        return result.ToString();
    }

    /// <summary>What is looked for.</summary>
    private static string Part(string text, CallValues values)
    {
        var part = PythonValue.String(values.Need(0, "sub"));
        Budget.Search(text, part);
        return part;
    }

    private static string Strip(string text, CallValues values, bool start, bool end)
    {
        var characters = values.Get(0, "chars") is { } given ? PythonValue.String(given).ToCharArray() : null;
        text = start ? (characters is null ? text.TrimStart() : text.TrimStart(characters)) : text;
        return end ? (characters is null ? text.TrimEnd() : text.TrimEnd(characters)) : text;
    }

    private static IEnumerable<string> Options(CallValues values) => values.Need(0, "prefix") is TemplateTuple several ? several.Select(PythonValue.String) : [PythonValue.String(values.Get(0, "prefix"))];

    private static List<object?> Split(string text, object? separator, long most, bool fromEnd)
    {
        var count = most < 0 || most >= int.MaxValue ? int.MaxValue : (int)most + 1;
        if (separator is null && !fromEnd)
            return Words(text, count);
        if (separator is null)
            return [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        var mark = PythonValue.String(separator) is { Length: > 0 } s ? s : throw new TemplateException("empty separator");
        Budget.Search(text, mark);
        if (!fromEnd || count == int.MaxValue)
            return [.. text.Split(mark, count)];
        var parts = text.Split(mark).ToList();
        var kept = Math.Max(1, parts.Count - count + 1);
        return [string.Join(mark, parts.Take(kept)), .. parts.Skip(kept)];
    }

    /// <summary>What stands between blanks: at most so many parts, of which the last one then holds the rest.</summary>
    private static List<object?> Words(string text, int most)
    {
        var words = new List<object?>();
        for (var at = Skip(text, 0, blank: true); at < text.Length;)
        {
            var end = words.Count < most - 1 ? Skip(text, at, blank: false) : text.Length;
            words.Add(text[at..end]);
            at = Skip(text, end, blank: true);
        }
        return words;
    }

    /// <summary>The first place from here on that is no blank, or is one.</summary>
    private static int Skip(string text, int at, bool blank)
    {
        while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] is >= '\x1c' and <= '\x1f') == blank)
            at++;
        return at;
    }
}
