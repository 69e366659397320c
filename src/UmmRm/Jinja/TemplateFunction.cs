namespace UmmRm.Jinja;

/// <summary>The values that a call is given.</summary>
/// <param name="Positional">Those without names.</param>
/// <param name="Named">Those with.</param>
internal sealed record CallValues(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>An argument by place or name; what it is by default when it is not given.</summary>
    public object? Get(int place, string name, object? otherwise = null) => place < Positional.Count ? Positional[place] : Named.TryGetValue(name, out var value) ? value : otherwise;

    /// <summary>Whether it was given.</summary>
    public bool Has(int place, string name) => place < Positional.Count || Named.ContainsKey(name);

    /// <summary>An argument that must be given.</summary>
    public object? Need(int place, string name) => Has(place, name) ? Get(place, name) : throw new TemplateException($"the argument '{name}' is missing");
}

/// <summary>Something that a template can call.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Call">What it does.</param>
internal sealed record TemplateFunction(string Name, Func<CallValues, object?> Call);
