namespace UmmRm.Data;

/// <summary>What to do with rows that cannot be trained on.</summary>
public enum BadRows
{
    /// <summary>Stop, naming the first such row and how many there are of each kind.</summary>
    Error,

    /// <summary>Leave them out and count them in the report.</summary>
    Drop,
}

/// <summary>How a data set is read.</summary>
public sealed record ReadOptions
{
    /// <summary>The file's name of a column, by the name that its layout gives it: <c>chosen</c> -> <c>answer_a</c>. Columns not named here keep their names.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Rows that cannot be used: an error (default), or dropped and counted. Damaged files are errors always.</summary>
    public BadRows BadRows { get; init; } = BadRows.Error;

    /// <summary>Keep pairs that the data rate equally, with <see cref="PreferencePair.Label"/> 0.5, for training with soft labels; default: they are dropped and counted.</summary>
    public bool KeepTies { get; init; }

    /// <summary>Reads a column mapping as the command line writes it: <c>chosen=answer_a,rejected=answer_b</c>.</summary>
    /// <exception cref="ArgumentException">An entry is not of the form name=column, or a name comes twice.</exception>
    public static IReadOnlyDictionary<string, string> ParseColumns(string text)
    {
        var columns = new Dictionary<string, string>();
        foreach (var entry in text.Split(','))
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == entry.Length - 1)
                throw new ArgumentException($"columns has the entry '{entry}'; expected NAME=COLUMN entries parted by commas, as in chosen=answer_a,rejected=answer_b");
            if (!columns.TryAdd(entry[..at].Trim(), entry[(at + 1)..].Trim()))
                throw new ArgumentException($"columns names '{entry[..at].Trim()}' twice: {text}");
        }
        return columns;
    }
}
