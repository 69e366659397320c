namespace UmmRm.Jinja;

/// <summary>What <c>loop</c> is inside of a loop.</summary>
internal sealed class LoopState(IReadOnlyList<object?> items, int depth)
{
    private object? _seen;
    private bool _hasSeen;

    /// <summary>The place of the item at hand, from 0.</summary>
    public int Index { get; set; }

    /// <summary>An attribute; undefined where there is no such.</summary>
    public object? Attribute(string name) => name switch
    {
        "index" => (long)Index + 1,
        "index0" => (long)Index,
        "revindex" => (long)items.Count - Index,
        "revindex0" => (long)items.Count - Index - 1,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => (long)depth,
        "depth0" => (long)depth - 1,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new Undefined("there is no next item"),
        "cycle" => new TemplateFunction(name, values => values.Positional.Count > 0 ? values.Positional[Index % values.Positional.Count] : throw new TemplateException("no items for cycling given")),
        "changed" => new TemplateFunction(name, values => Changed(new TemplateTuple(values.Positional))),
        _ => new Undefined($"'LoopContext' object has no attribute '{name}'"),
    };

    private bool Changed(TemplateTuple values)
    {
        var changed = !_hasSeen || !PythonValue.AreEqual(_seen, values);
        (_seen, _hasSeen) = (values, true);
        return changed;
    }
}
