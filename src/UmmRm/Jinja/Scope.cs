namespace UmmRm.Jinja;

/// <summary>Names and what they stand for; what is not here is looked for outside.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object?> _values = [];

    /// <summary>How many loops it lies in.</summary>
    public int LoopDepth { get; init; }

    /// <summary>Gives a name a value here.</summary>
    public void Set(string name, object? value) => _values[name] = value;

    /// <summary>The value of a name, or undefined.</summary>
    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out var value))
                return value;
        }
        return new Undefined($"'{name}' is undefined");
    }

    private Scope? Outer => outer;
}
