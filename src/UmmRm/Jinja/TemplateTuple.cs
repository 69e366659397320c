namespace UmmRm.Jinja;

/// <summary>A list that is written with round brackets.</summary>
internal sealed class TemplateTuple(IEnumerable<object?> items) : List<object?>(items);
