using System.Globalization;
using System.Text;

namespace UmmRm.Jinja;

/// <summary>Functions that every chat template may call: Jinja's, and the two that transformers adds.</summary>
internal static class Globals
{
    /// <summary>All of them.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> All(Budget budget)
    {
        yield return Function("range", values => Range(values, budget));
        yield return Function("dict", Dictionary);
        yield return Function("namespace", values =>
        {
            var space = new TemplateNamespace();
            foreach (var (key, value) in Dictionary(values))
                space.Values[PythonValue.String(key)] = value;
            return space;
        });
        yield return Function("raise_exception", values => throw new TemplateException($"the template says: {PythonValue.Text(values.Need(0, "message"))}"));
        yield return Function("strftime_now", values => Time(PythonValue.String(values.Need(0, "format")), DateTime.Now));
    }

    /// <summary>Python's strftime, its common directives.</summary>
    internal static string Time(string format, DateTime now)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            var directive = format[++i];
            if (directive == '-' && i + 1 < format.Length)
            {
                text.Append(Directive(format[++i], now).TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0");
                continue;
            }
            text.Append(Directive(directive, now));
        }
        return text.ToString();
    }

    private static string Directive(char directive, DateTime now) => directive switch
    {
        'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
        'y' => now.ToString("yy", CultureInfo.InvariantCulture),
        'm' => now.ToString("MM", CultureInfo.InvariantCulture),
        'd' => now.ToString("dd", CultureInfo.InvariantCulture),
        'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
        'b' => now.ToString("MMM", CultureInfo.InvariantCulture),
        'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
        'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
        'H' => now.ToString("HH", CultureInfo.InvariantCulture),
        'I' => now.ToString("hh", CultureInfo.InvariantCulture),
        'M' => now.ToString("mm", CultureInfo.InvariantCulture),
        'S' => now.ToString("ss", CultureInfo.InvariantCulture),
        'p' => now.ToString("tt", CultureInfo.InvariantCulture),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'F' => now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        'T' => now.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        '%' => "%",
        _ => throw new TemplateException($"strftime_now: the directive '%{directive}' is not supported"),
    };

    private static KeyValuePair<string, object?> Function(string name, Func<CallValues, object?> call) => new(name, new TemplateFunction(name, call));

    private static List<object?> Range(CallValues values, Budget budget)
    {
        var single = values.Positional.Count < 2;
        var (from, to, step) = (single ? 0 : PythonValue.Whole(values.Positional[0]), PythonValue.Whole(single ? values.Need(0, "stop") : values.Positional[1]), values.Positional.Count > 2 ? PythonValue.Whole(values.Positional[2]) : 1);
        if (step == 0)
            throw new TemplateException("range() arg 3 must not be zero");
        var distance = step > 0 ? (Int128)to - from : (Int128)from - to;
        var count = distance <= 0 ? 0 : (distance - 1) / Int128.Abs(step) + 1;
        budget.Items(count > Budget.MostItems ? int.MaxValue : (long)count);
        return [.. Enumerable.Range(0, (int)count).Select(i => (object?)(from + i * step))];
    }

    private static OrderedDictionary<object, object?> Dictionary(CallValues values)
    {
        var map = values.Positional is [OrderedDictionary<object, object?> given, ..] ? new OrderedDictionary<object, object?>(given) : [];
        foreach (var (name, value) in values.Named)
            map[name] = value;
        return map;
    }
}
