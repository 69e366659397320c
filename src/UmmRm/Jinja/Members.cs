namespace UmmRm.Jinja;

/// <summary>What values have: attributes, items, slices and the methods of texts, lists and mappings that templates use. Methods that would change a value are not there, as in transformers' sandbox.</summary>
internal static class Members
{
    /// <summary>value.name: a method, else an item of that name.</summary>
    public static object? Attribute(object? value, string name, Budget budget) => value switch
    {
        Undefined undefined => throw new TemplateException(undefined.Message),
        LoopState loop => loop.Attribute(name),
        TemplateNamespace space => space.Values.TryGetValue(name, out var found) ? found : new Undefined($"'Namespace' object has no attribute '{name}'"),
        _ => (object?)Method(value, name, budget) ?? (value is OrderedDictionary<object, object?> map && map.TryGetValue(name, out var item) ? item : Missing(value, name)),
    };

    /// <summary>value[key]: an item, else a method of that name.</summary>
    public static object? Item(object? value, object? key, Budget budget) => (value, key) switch
    {
        (Undefined undefined, _) => throw new TemplateException(undefined.Message),
        (OrderedDictionary<object, object?> map, not null) when map.TryGetValue(key, out var found) => found,
        (List<object?> list, bool or long) => Place(PythonValue.Whole(key), list.Count) is { } at ? list[at] : new Undefined($"{PythonValue.TypeName(value)} object has no element {PythonValue.Text(key)}"),
        (string text, bool or long) => Characters(text) is var all && Place(PythonValue.Whole(key), all.Length) is { } at ? all[at] : new Undefined($"str object has no element {PythonValue.Text(key)}"),
        (LoopState or TemplateNamespace, string name) => Attribute(value, name, budget),
        (_, string name) => (object?)Method(value, name, budget) ?? Missing(value, name),
        _ => new Undefined($"{PythonValue.TypeName(value)} object has no element {PythonValue.Representation(key)}"),
    };

    /// <summary>value[from:to:step].</summary>
    public static object? Slice(object? value, long? from, long? to, long? step)
    {
        var stride = step ?? 1;
        if (stride == 0)
            throw new TemplateException("slice step cannot be zero");
        IReadOnlyList<object?> all = value switch
        {
            string text => Characters(text),
            List<object?> list => list,
            Undefined => [],
            _ => throw new TemplateException($"'{PythonValue.TypeName(value)}' object is not subscriptable"),
        };
        long Clamp(long? bound, long otherwise, long low, long high) => bound is not { } b ? otherwise : Math.Clamp(b < 0 ? b + all.Count : b, low, high);
        var picked = new List<object?>();
        if (stride > 0)
        {
            for (var i = Clamp(from, 0, 0, all.Count); i < Clamp(to, all.Count, 0, all.Count); i += stride)
                picked.Add(all[(int)i]);
        }
        else
        {
            for (var i = Clamp(from, all.Count - 1, -1, all.Count - 1); i > Clamp(to, -1, -1, all.Count - 1); i += stride)
                picked.Add(all[(int)i]);
        }
        return value is string ? string.Concat(picked) : value is TemplateTuple ? new TemplateTuple(picked) : picked;
    }

    private static Undefined Missing(object? value, string name) =>
        new(value is null ? $"'None' has no attribute '{name}'" : value is OrderedDictionary<object, object?> ? $"'dict object' has no attribute '{name}'" : $"'{PythonValue.TypeName(value)} object' has no attribute '{name}'");

    private static int? Place(long index, int count) => (index < 0 ? index + count : index) is >= 0 and var at && at < count ? (int)at : null;

    private static object?[] Characters(string text) => [.. text.EnumerateRunes().Select(rune => rune.ToString())];

    private static TemplateFunction? Method(object? value, string name, Budget budget) => value switch
    {
        string text when TextMethods.Find(text, name, budget) is { } method => new TemplateFunction(name, method),
        OrderedDictionary<object, object?> map => name switch
        {
            "items" => new(name, _ => map.Select(pair => (object?)new TemplateTuple([pair.Key, pair.Value])).ToList()),
            "keys" => new(name, _ => map.Keys.Cast<object?>().ToList()),
            "values" => new(name, _ => map.Values.ToList()),
            "get" => new(name, values => values.Need(0, "key") is { } key && map.TryGetValue(key, out var found) ? found : values.Get(1, "default")),
            "copy" => new(name, _ => new OrderedDictionary<object, object?>(map)),
            _ => null,
        },
        List<object?> list => name switch
        {
            "index" => new(name, values => list.FindIndex(item => PythonValue.AreEqual(item, values.Need(0, "value"))) is >= 0 and var at ? (long)at : throw new TemplateException($"{PythonValue.Representation(values.Get(0, "value"))} is not in list")),
            "count" => new(name, values => (long)list.Count(item => PythonValue.AreEqual(item, values.Need(0, "value")))),
            "copy" => new(name, _ => list.ToList()),
            "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" => throw new TemplateException($"access to attribute '{name}' of 'list' object is unsafe: chat templates must not change what they are given"),
            _ => null,
        },
        _ => null,
    };
}
