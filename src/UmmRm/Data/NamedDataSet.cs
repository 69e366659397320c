using UmmRm.Hub;

namespace UmmRm.Data;

/// <summary>A published data set that is known by name, with its splits as published and the parts of them that the paper uses.</summary>
public sealed record NamedDataSet
{
    /// <summary>Its name: <c>hh-harmless</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is fetched from.</summary>
    public required HubRepository Repository { get; init; }

    /// <summary>The splits as published, and the repository's own splits that make each, in order.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Published { get; init; }

    /// <summary>The paper's parts (METHOD 6): rows of published splits.</summary>
    public IReadOnlyDictionary<string, RowRange> Paper { get; init; } = new Dictionary<string, RowRange>();

    /// <summary>The rows that a source means: the published split and the slice of it.</summary>
    /// <exception cref="ArgumentException">It names no split, one that is not there, or more rows than the part has.</exception>
    internal DataSource Rows(DataSource source)
    {
        var splits = string.Join(", ", Published.Keys.Concat(Paper.Keys));
        if (source.Split is null)
            throw new ArgumentException($"{Name} has several splits ({splits}); name one, as in {Name}:{Published.Keys.First()}");
        if (Published.ContainsKey(source.Split))
            return source;
        if (!Paper.TryGetValue(source.Split, out var part))
            throw new ArgumentException($"{Name} has no split '{source.Split}'; it has {splits}");
        var (start, end) = (part.Start + source.Start, source.End is { } within ? part.Start + within : part.End);
        return end <= part.End || part.End is null
            ? start < (end ?? int.MaxValue) ? source with { Split = part.Split, Start = start, End = end } : throw new ArgumentException($"{source}: {Name}:{source.Split} has {part.End - part.Start} rows; FIRST must be smaller")
            : throw new ArgumentException($"{source}: {Name}:{source.Split} has {part.End - part.Start} rows (rows {part.Start} to {part.End} of {part.Split}); ask for fewer");
    }

    /// <summary>Splits that the repository calls by the same names.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> EachAlone(params IReadOnlyList<string> splits) =>
        new OrderedDictionary<string, IReadOnlyList<string>>(splits.Select(split => KeyValuePair.Create<string, IReadOnlyList<string>>(split, [split])));
}
