using System.Globalization;

namespace UmmRm.Jinja;

/// <summary>What follows a bar.</summary>
internal static class Filters
{
    private const int MostIndentation = 1000;

    private static readonly Dictionary<string, Func<object?, CallValues, Budget, object?>> All = new()
    {
        ["trim"] = (value, values, _) => values.Get(0, "chars") is { } given ? PythonValue.Text(value).Trim(PythonValue.String(given).ToCharArray()) : PythonValue.Text(value).Trim(),
        ["lower"] = (value, _, _) => PythonValue.Text(value).ToLowerInvariant(),
        ["upper"] = (value, _, _) => PythonValue.Text(value).ToUpperInvariant(),
        ["title"] = (value, _, _) => TextMethods.Title(PythonValue.Text(value)),
        ["capitalize"] = (value, _, _) => TextMethods.Capitalize(PythonValue.Text(value)),
        ["replace"] = (value, values, budget) => TextMethods.Replace(PythonValue.Text(value), PythonValue.Text(values.Need(0, "old")), PythonValue.Text(values.Need(1, "new")), PythonValue.Whole(values.Get(2, "count") ?? -1L), budget),
        ["string"] = (value, _, _) => PythonValue.Text(value),
        ["safe"] = (value, _, _) => PythonValue.Text(value),
        ["escape"] = (value, _, _) => Escape(PythonValue.Text(value)),
        ["e"] = (value, _, _) => Escape(PythonValue.Text(value)),
        ["indent"] = (value, values, budget) => Indent(PythonValue.Text(value), values, budget),
        ["format"] = (value, values, budget) => Arithmetic.Format(PythonValue.String(value), values.Positional, budget),
        ["length"] = (value, _, _) => PythonValue.Length(value),
        ["count"] = (value, _, _) => PythonValue.Length(value),
        ["list"] = (value, _, _) => PythonValue.Items(value).ToList(),
        ["items"] = (value, _, _) => value is Undefined ? new List<object?>() : Members.Attribute(Mapping(value), "items", new Budget()) is TemplateFunction items ? items.Call(new CallValues([], new Dictionary<string, object?>())) : null,
        ["dictsort"] = (value, _, _) => Mapping(value).OrderBy(pair => PythonValue.Text(pair.Key).ToLowerInvariant(), StringComparer.Ordinal).Select(pair => (object?)new TemplateTuple([pair.Key, pair.Value])).ToList(),
        ["join"] = (value, values, budget) => TextMethods.Join(PythonValue.Text(values.Get(0, "d", "")), Picked(value, values.Get(1, "attribute"), budget).Select(item => (object?)PythonValue.Text(item)).ToList(), budget),
        ["first"] = (value, _, _) => PythonValue.Items(value).FirstOrDefault(new Undefined("No first item, sequence was empty.")),
        ["last"] = (value, _, _) => PythonValue.Items(value).LastOrDefault(new Undefined("No last item, sequence was empty.")),
        ["reverse"] = (value, _, _) => value is string text ? string.Concat(text.EnumerateRunes().Reverse()) : PythonValue.Items(value).Reverse().ToList(),
        ["unique"] = (value, values, budget) => Unique(PythonValue.Items(value), Flag(values, 0, "case_sensitive"), values.Get(1, "attribute"), budget),
        ["sort"] = (value, values, budget) => Sorted(value, values, budget),
        ["min"] = (value, _, _) => PythonValue.Items(value).Aggregate((object?)new Undefined("No aggregated item, sequence was empty."), (least, item) => least is Undefined || PythonValue.Compare(item, least, "<") < 0 ? item : least),
        ["max"] = (value, _, _) => PythonValue.Items(value).Aggregate((object?)new Undefined("No aggregated item, sequence was empty."), (most, item) => most is Undefined || PythonValue.Compare(item, most, ">") > 0 ? item : most),
        ["sum"] = (value, values, budget) => Picked(value, values.Get(0, "attribute"), budget).Aggregate(values.Get(1, "start", 0L), (sum, item) => Arithmetic.Compute("+", sum, item, budget)),
        ["map"] = Map,
        ["select"] = (value, values, budget) => Chosen(value, values, budget, attribute: false, keep: true),
        ["reject"] = (value, values, budget) => Chosen(value, values, budget, attribute: false, keep: false),
        ["selectattr"] = (value, values, budget) => Chosen(value, values, budget, attribute: true, keep: true),
        ["rejectattr"] = (value, values, budget) => Chosen(value, values, budget, attribute: true, keep: false),
        ["default"] = Default,
        ["d"] = Default,
        ["attr"] = (value, values, budget) => Members.Attribute(value, PythonValue.String(values.Need(0, "name")), budget),
        ["int"] = (value, values, _) => Int(value) ?? values.Get(0, "default", 0L),
        ["float"] = (value, values, _) => value is bool or long or double ? PythonValue.Number(value) : value is string text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : values.Get(0, "default", 0.0),
        ["abs"] = (value, _, _) => value is double d ? Math.Abs(d) : PythonValue.Whole(value) is >= 0 and var whole ? whole : Arithmetic.Negative(value),
        ["round"] = (value, values, _) => Math.Round(PythonValue.Number(value), (int)Math.Clamp(PythonValue.Whole(values.Get(0, "precision", 0L)), 0, 15), MidpointRounding.ToEven),
        ["tojson"] = (value, values, _) => JsonText.Of(value, JsonIndent(values.Get(1, "indent")), Separators(values.Get(2, "separators")), PythonValue.IsTrue(values.Get(3, "sort_keys", false)), PythonValue.IsTrue(values.Get(0, "ensure_ascii", false))),
    };

    /// <summary>Whether there is such a filter.</summary>
    public static bool Exists(string name) => All.ContainsKey(name);

    /// <summary>What a filter makes of a value.</summary>
    /// <exception cref="TemplateException">There is no such filter, or the value is none for it.</exception>
    public static object? Apply(string name, object? value, CallValues values, Budget budget)
    {
        var filter = All.GetValueOrDefault(name) ?? throw new TemplateException($"No filter named '{name}'.");
        var result = filter(value, values, budget);
        if (result is string text)
            budget.Characters(text.Length);
        else if (result is List<object?> list)
            budget.Items(list.Count);
        return result;
    }

    private static object? Default(object? value, CallValues values, Budget budget) =>
        value is Undefined || (PythonValue.IsTrue(values.Get(1, "boolean", false)) && !PythonValue.IsTrue(value)) ? values.Get(0, "default_value", "") : value;

    private static object? Map(object? value, CallValues values, Budget budget)
    {
        if (!PythonValue.IsTrue(value))
            return new List<object?>(); // None is empty here, as in Jinja
        if (values.Named.TryGetValue("attribute", out var attribute))
            return PythonValue.Items(value).Select(item => Of(item, attribute, budget) is var found && found is Undefined && values.Named.TryGetValue("default", out var otherwise) ? otherwise : found).ToList();
        var name = PythonValue.String(values.Need(0, "filter"));
        var rest = values with { Positional = [.. values.Positional.Skip(1)] };
        return PythonValue.Items(value).Select(item => Apply(name, item, rest, budget)).ToList();
    }

    private static List<object?> Chosen(object? value, CallValues values, Budget budget, bool attribute, bool keep)
    {
        var key = attribute ? values.Need(0, "attribute") : null;
        var given = values.Positional.Skip(attribute ? 1 : 0).ToList();
        bool Holds(object? item)
        {
            var subject = attribute ? Of(item, key, budget) : item;
            return given.Count == 0 ? PythonValue.IsTrue(subject) : Tests.Holds(PythonValue.String(given[0]), subject, values with { Positional = [.. given.Skip(1)] });
        }
        return PythonValue.IsTrue(value) ? [.. PythonValue.Items(value).Where(item => Holds(item) == keep)] : []; // None is empty here, as in Jinja
    }

    /// <summary>An attribute by its path, such as <c>function.name</c>: items before attributes, and undefined where there is none.</summary>
    private static object? Of(object? item, object? attribute, Budget budget)
    {
        foreach (var part in PythonValue.Text(attribute).Split('.'))
            item = Members.Item(item, long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : part, budget);
        return item;
    }

    private static IEnumerable<object?> Picked(object? value, object? attribute, Budget budget) => attribute is null ? PythonValue.Items(value) : PythonValue.Items(value).Select(item => Of(item, attribute, budget));

    private static List<object?> Unique(IEnumerable<object?> items, bool caseSensitive, object? attribute, Budget budget)
    {
        var (kept, seen) = (new List<object?>(), new List<object?>());
        foreach (var item in items)
        {
            var key = attribute is null ? item : Of(item, attribute, budget);
            key = key is string text && !caseSensitive ? text.ToLowerInvariant() : key;
            budget.Step(seen.Count);
            if (seen.Any(other => PythonValue.AreEqual(other, key)))
                continue;
            seen.Add(key);
            kept.Add(item);
        }
        return kept;
    }

    private static List<object?> Sorted(object? value, CallValues values, Budget budget)
    {
        var caseSensitive = Flag(values, 1, "case_sensitive");
        object? Key(object? item) => (values.Get(2, "attribute") is { } attribute ? Of(item, attribute, budget) : item) is var key && key is string text && !caseSensitive ? text.ToLowerInvariant() : key;
        var order = Comparer<object?>.Create((x, y) => PythonValue.Compare(x, y, "<"));
        try
        {
            return Flag(values, 0, "reverse") ? [.. PythonValue.Items(value).OrderByDescending(Key, order)] : [.. PythonValue.Items(value).OrderBy(Key, order)];
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateException inner)
        {
            throw inner;
        }
    }

    private static bool Flag(CallValues values, int place, string name) => PythonValue.IsTrue(values.Get(place, name, false));

    private static long? Int(object? value) => value switch
    {
        bool or long => PythonValue.Whole(value),
        double d when double.IsFinite(d) && Math.Abs(d) < 9e18 => (long)d,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var whole) => whole,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 9e18 => (long)number,
        _ => null,
    };

    private static OrderedDictionary<object, object?> Mapping(object? value) => value as OrderedDictionary<object, object?> ?? throw new TemplateException(value is Undefined undefined ? undefined.Message : "Can only get item pairs from a mapping.");

    private static string Indent(string text, CallValues values, Budget budget)
    {
        var width = values.Get(0, "width", 4L) is string given ? given : Spaces(PythonValue.Whole(values.Get(0, "width", 4L)), "indent: width");
        var (first, blank) = (Flag(values, 1, "first"), Flag(values, 2, "blank"));
        var lines = text.Split('\n');
        budget.Characters(text.Length + (long)lines.Length * width.Length);
        return string.Join('\n', lines.Select((line, i) => (i == 0 ? first : blank || line.Trim().Length > 0) ? width + line : line));
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static string? JsonIndent(object? indent) => indent switch { null => null, string text => text, _ => Spaces(PythonValue.Whole(indent), "tojson: indent") };

    /// <summary>Spaces of an indentation; less than none is none, as in Python.</summary>
    private static string Spaces(long width, string what) =>
        width <= MostIndentation ? new string(' ', (int)Math.Max(0, width)) : throw new TemplateException($"{what} is {width}; at most {MostIndentation} spaces are written");

    private static (string, string)? Separators(object? separators) => separators is List<object?> { Count: 2 } two ? (PythonValue.String(two[0]), PythonValue.String(two[1])) : null;
}
