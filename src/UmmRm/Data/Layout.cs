namespace UmmRm.Data;

/// <summary>How one published form of data maps to a record: which columns it has and what a row means.</summary>
/// <param name="Name">The form's name, for reports.</param>
/// <param name="Required">Columns that say that a file has this form.</param>
/// <param name="Optional">Columns that are read where they are there.</param>
/// <param name="Read">A row's record.</param>
internal sealed record Layout<T>(string Name, IReadOnlyList<string> Required, IReadOnlyList<string> Optional, Func<RowFields, T> Read)
{
    /// <summary>What else must hold of the first rows, where columns alone do not decide; null when they do.</summary>
    public Func<IReadOnlyList<RowFields>, bool>? Applies { get; init; }

    /// <summary>Columns that change places when the preference is reversed, the first two being the responses or their ratings.</summary>
    public IReadOnlyList<(string, string)> Sides { get; init; } = [];

    /// <summary>All columns that the form knows.</summary>
    public IEnumerable<string> Columns => Required.Concat(Optional);

    /// <summary>The same form read as another record.</summary>
    public Layout<TOther> As<TOther>(Func<RowFields, T, TOther> map) =>
        new(Name, Required, Optional, fields => map(fields, Read(fields))) { Applies = Applies, Sides = Sides };

    /// <summary>Whether rows have this form.</summary>
    public bool Fits(IReadOnlySet<string> columns, IReadOnlyList<RowFields> sample) =>
        Required.All(name => columns.Contains(sample[0].ColumnOf(name))) && (Applies is null || Applies(sample));
}
