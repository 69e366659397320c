using System.Globalization;
using System.Text;

namespace UmmRm.Jinja;

/// <summary>Values as Python's json.dumps writes them, letters beyond ASCII as they are: transformers' <c>tojson</c>.</summary>
internal static class JsonText
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="indent">Spaces a level, or a text; null for one line.</param>
    /// <param name="separators">Between items and after keys; null for Python's defaults.</param>
    /// <param name="sortKeys">Whether keys are sorted.</param>
    /// <param name="asciiOnly">Whether other letters are escaped.</param>
    /// <exception cref="TemplateException">The value has no JSON form.</exception>
    public static string Of(object? value, string? indent = null, (string Item, string Key)? separators = null, bool sortKeys = false, bool asciiOnly = false)
    {
        var text = new StringBuilder();
        new Writer(text, indent, separators ?? (indent is null ? ", " : ",", ": "), sortKeys, asciiOnly).Write(value, 0);
        return text.ToString();
    }

    private sealed class Writer(StringBuilder text, string? indent, (string Item, string Key) separators, bool sortKeys, bool asciiOnly)
    {
        public void Write(object? value, int depth)
        {
            if (depth > 100 || text.Length > Budget.MostCharacters)
                throw TooLarge();
            switch (value)
            {
                case null:
                    text.Append("null");
                    break;
                case bool b:
                    text.Append(b ? "true" : "false");
                    break;
                case long n:
                    text.Append(n.ToString(CultureInfo.InvariantCulture));
                    break;
                case double d:
                    text.Append(double.IsFinite(d) ? PythonValue.FloatText(d) : double.IsNaN(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
                    break;
                case string s:
                    Quote(s);
                    break;
                case List<object?> list:
                    Items('[', ']', list, item => Write(item, depth + 1), depth);
                    break;
                case OrderedDictionary<object, object?> map:
                    var pairs = sortKeys ? map.OrderBy(pair => Key(pair.Key), StringComparer.Ordinal) : map.AsEnumerable();
                    Items('{', '}', [.. pairs], pair =>
                    {
                        Quote(Key(pair.Key));
                        text.Append(separators.Key);
                        Write(pair.Value, depth + 1);
                    }, depth);
                    break;
                default:
                    throw new TemplateException(value is Undefined undefined ? undefined.Message : $"Object of type {PythonValue.TypeName(value)} is not JSON serializable");
            }
        }

        private void Items<T>(char open, char close, List<T> items, Action<T> write, int depth)
        {
            text.Append(open);
            for (var i = 0; i < items.Count; i++)
            {
                text.Append(i > 0 ? separators.Item : "");
                Break(depth + 1);
                write(items[i]);
            }
            if (items.Count > 0)
                Break(depth);
            text.Append(close);
        }

        private void Break(int depth)
        {
            if (indent is null)
                return;
            text.Append('\n');
            for (var i = 0; i < depth; i++)
            {
                if (text.Length > Budget.MostCharacters)
                    throw TooLarge();
                text.Append(indent);
            }
        }

        private static TemplateException TooLarge() => new("a value is too large or nested too deep for JSON");

        private static string Key(object key) => key is string s ? s : Of(key);

        private void Quote(string value)
        {
            text.Append('"');
            foreach (var c in value)
            {
                _ = c switch
                {
                    '"' => text.Append("\\\""),
                    '\\' => text.Append("\\\\"),
                    '\n' => text.Append("\\n"),
                    '\r' => text.Append("\\r"),
                    '\t' => text.Append("\\t"),
                    '\b' => text.Append("\\b"),
                    '\f' => text.Append("\\f"),
                    < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    > '~' when asciiOnly => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    _ => text.Append(c),
                };
            }
            text.Append('"');
        }
    }
}
