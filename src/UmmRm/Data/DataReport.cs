using System.Globalization;

namespace UmmRm.Data;

/// <summary>Rows that were left out for one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first few, as file and number: <c>train.jsonl.gz:87</c>.</param>
public sealed record DroppedRows(BadRowReason Reason, int Count, IReadOnlyList<string> First);

/// <summary>What was read, what was left out and what looks odd; plain values, to be written into a run's record.</summary>
public sealed record DataReport
{
    /// <summary>The source as it was asked for.</summary>
    public required string Source { get; init; }

    /// <summary>Which layout the rows were found to have.</summary>
    public required string Layout { get; init; }

    /// <summary>The files with their hashes.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Rows in the slice, as published.</summary>
    public required int RowsRead { get; init; }

    /// <summary>Rows that can be used.</summary>
    public required int Kept { get; init; }

    /// <summary>Rows left out, by reason; their counts and <see cref="Kept"/> add up to <see cref="RowsRead"/>.</summary>
    public required IReadOnlyList<DroppedRows> Dropped { get; init; }

    /// <summary>Kept rows whose texts are all equal to those of an earlier one.</summary>
    public required int Duplicates { get; init; }

    /// <summary>What a person should know about, one sentence each.</summary>
    public IEnumerable<string> Warnings()
    {
        foreach (var dropped in Dropped)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Source}: {dropped.Count} of {RowsRead} rows dropped: {dropped.Reason} ({string.Join(", ", dropped.First)}{(dropped.Count > dropped.First.Count ? ", ..." : "")})");
        if (Duplicates > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Source}: {Duplicates} of {Kept} rows repeat an earlier row");
    }
}
