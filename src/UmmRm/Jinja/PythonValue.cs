using System.Globalization;
using System.Text;

namespace UmmRm.Jinja;

/// <summary>Python's meaning of values: null is None; bool, long, double, string, List, TemplateTuple and OrderedDictionary are what they look like. Texts count in code points.</summary>
internal static class PythonValue
{
    /// <summary>Whether a value counts as true.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        double d => d != 0,
        string s => s.Length > 0,
        List<object?> list => list.Count > 0,
        OrderedDictionary<object, object?> map => map.Count > 0,
        _ => true,
    };

    /// <summary>What Python calls the value's type.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long => "int",
        double => "float",
        string => "str",
        TemplateTuple => "tuple",
        List<object?> => "list",
        OrderedDictionary<object, object?> => "dict",
        Undefined => "Undefined",
        TemplateNamespace => "Namespace",
        LoopState => "LoopContext",
        _ => "function",
    };

    /// <summary>str(value): how it is written out.</summary>
    public static string Text(object? value) => value switch
    {
        string s => s,
        Undefined => "",
        _ => Representation(value),
    };

    /// <summary>repr(value).</summary>
    public static string Representation(object? value)
    {
        var text = new StringBuilder();
        Represent(value, text, 0);
        return text.ToString();
    }

    /// <summary>x == y.</summary>
    public static bool AreEqual(object? x, object? y)
    {
        Budget.Deeper();
        return (x, y) switch
        {
            (null, null) => true,
            (Undefined, Undefined) => true,
            (string a, string b) => a == b,
            (bool or long or double, bool or long or double) => x is double || y is double ? Number(x) == Number(y) : Whole(x) == Whole(y),
            (List<object?> a, List<object?> b) => a is TemplateTuple == b is TemplateTuple && a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
            (OrderedDictionary<object, object?> a, OrderedDictionary<object, object?> b) => a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out var other) && AreEqual(pair.Value, other)),
            _ => ReferenceEquals(x, y),
        };
    }

    /// <summary>Negative, 0 or positive as x is below, at or above y.</summary>
    /// <exception cref="TemplateException">Such values have no order.</exception>
    public static int Compare(object? x, object? y, string operation) => (x, y) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool or long or double, bool or long or double) => Number(x).CompareTo(Number(y)),
        (List<object?> a, List<object?> b) => a.Zip(b).Where(pair => !AreEqual(pair.First, pair.Second)).Select(pair => Compare(pair.First, pair.Second, operation)).FirstOrDefault(a.Count.CompareTo(b.Count)),
        _ => throw Fail(x, y, $"'{operation}' not supported between instances of '{TypeName(x)}' and '{TypeName(y)}'"),
    };

    /// <summary>The items of a value.</summary>
    /// <exception cref="TemplateException">It has none.</exception>
    public static IEnumerable<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        string s => s.EnumerateRunes().Select(rune => (object?)rune.ToString()),
        OrderedDictionary<object, object?> map => map.Keys,
        Undefined => [],
        _ => throw new TemplateException($"'{TypeName(value)}' object is not iterable"),
    };

    /// <summary>len(value).</summary>
    public static long Length(object? value) => value switch
    {
        string s => CodePoints(s),
        List<object?> list => list.Count,
        OrderedDictionary<object, object?> map => map.Count,
        Undefined => 0,
        _ => throw new TemplateException($"object of type '{TypeName(value)}' has no len()"),
    };

    /// <summary>item in container.</summary>
    public static bool Contains(object? container, object? item) => container switch
    {
        string s => item is string part ? Holds(s, part) : throw new TemplateException($"'in <string>' requires string as left operand, not {TypeName(item)}"),
        OrderedDictionary<object, object?> map => item is not null && map.ContainsKey(item),
        null or bool or long or double => throw new TemplateException($"argument of type '{TypeName(container)}' is not iterable"),
        _ => Items(container).Any(other => AreEqual(other, item)),
    };

    private static bool Holds(string text, string part)
    {
        Budget.Search(text, part);
        return text.Contains(part, StringComparison.Ordinal);
    }

    /// <summary>A number as a float.</summary>
    public static double Number(object? value) => value switch { bool b => b ? 1 : 0, long n => n, double d => d, _ => throw new TemplateException(value is Undefined u ? u.Message : $"a number is expected, not '{TypeName(value)}'") };

    /// <summary>A whole number.</summary>
    public static long Whole(object? value) => value switch { bool b => b ? 1 : 0, long n => n, _ => throw new TemplateException(value is Undefined u ? u.Message : $"a whole number is expected, not '{TypeName(value)}'") };

    /// <summary>A text.</summary>
    public static string String(object? value) => value as string ?? throw new TemplateException(value is Undefined u ? u.Message : $"a text is expected, not '{TypeName(value)}'");

    /// <summary>Characters as Python counts them.</summary>
    public static int CodePoints(string text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
            count -= char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        return count;
    }

    /// <summary>A float as Python writes it.</summary>
    public static string FloatText(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var cut = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = cut < 0 ? shortest : shortest[..cut];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal) is >= 0 and var at ? at : mantissa.Length;
        var power = (cut < 0 ? 0 : int.Parse(shortest.AsSpan(cut + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) + point - 1; // of the first digit written
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var zeros = digits.Length - digits.TrimStart('0').Length;
        (digits, power) = (digits.TrimStart('0').TrimEnd('0'), power - zeros);
        var sign = value < 0 ? "-" : "";
        if (power is < -4 or >= 16)
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}");
        return sign + (power < 0 ? $"0.{new string('0', -power - 1)}{digits}" : digits.Length <= power + 1 ? digits.PadRight(power + 1, '0') + ".0" : $"{digits[..(power + 1)]}.{digits[(power + 1)..]}");
    }

    /// <summary>The failure of an operation on two values: an undefined one says its own message.</summary>
    public static TemplateException Fail(object? x, object? y, string message) => new((x as Undefined ?? y as Undefined)?.Message ?? message);

    private static void Represent(object? value, StringBuilder text, int depth)
    {
        if (depth > 100)
            throw new TemplateException("a value is nested more than 100 deep");
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool b:
                text.Append(b ? "True" : "False");
                break;
            case long n:
                text.Append(n.ToString(CultureInfo.InvariantCulture));
                break;
            case double d:
                text.Append(FloatText(d));
                break;
            case string s:
                Quote(s, text);
                break;
            case List<object?> list:
                text.Append(list is TemplateTuple ? '(' : '[');
                for (var i = 0; i < list.Count; i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    Represent(list[i], text, depth + 1);
                }
                text.Append(list is TemplateTuple ? (list.Count == 1 ? ",)" : ")") : "]");
                break;
            case OrderedDictionary<object, object?> map:
                text.Append('{');
                foreach (var (index, (key, item)) in map.Index())
                {
                    text.Append(index > 0 ? ", " : "");
                    Represent(key, text, depth + 1);
                    text.Append(": ");
                    Represent(item, text, depth + 1);
                }
                text.Append('}');
                break;
            case Undefined:
                text.Append("Undefined");
                break;
            default:
                text.Append('<').Append(TypeName(value)).Append('>');
                break;
        }
        if (text.Length > Budget.MostCharacters)
            throw new TemplateException($"a value is written with more than {Budget.MostCharacters:N0} characters");
    }

    private static void Quote(string value, StringBuilder text)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (var rune in value.EnumerateRunes())
        {
            text.Append(rune.Value switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when rune.Value == quote => $"\\{quote}",
                < 0x20 or (>= 0x7F and <= 0xA0) or 0xAD => $"\\x{rune.Value:x2}",
                _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator && rune.Value != ' ' => rune.Value > 0xFFFF ? $"\\U{rune.Value:x8}" : $"\\u{rune.Value:x4}",
                _ => rune.ToString(),
            });
        }
        text.Append(quote);
    }
}
