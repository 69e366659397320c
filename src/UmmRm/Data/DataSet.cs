namespace UmmRm.Data;

/// <summary>The usable rows of a source, in its order, with the report on the others.</summary>
public sealed class DataSet<T>
{
    private readonly IReadOnlyList<int> _positions;

    internal DataSet(IReadOnlyList<T> rows, IReadOnlyList<int> positions, DataReport report)
    {
        Rows = rows;
        _positions = positions;
        Report = report;
    }

    /// <summary>The usable rows.</summary>
    public IReadOnlyList<T> Rows { get; }

    /// <summary>What was read and what was left out.</summary>
    public DataReport Report { get; }

    /// <summary>
    /// Splits off the last rows for evaluation (METHOD 6: held-out rows are the last of the slice). The count is of rows as published, so
    /// that the boundary does not move with the rows that were dropped.
    /// </summary>
    /// <param name="count">Published rows held out, 0 .. rows read - 1.</param>
    /// <exception cref="ArgumentException">The count is out of range.</exception>
    /// <exception cref="InvalidDataException">One of the parts has no usable row.</exception>
    public (IReadOnlyList<T> Train, IReadOnlyList<T> HeldOut) HoldOut(int count)
    {
        if (count < 0 || count >= Report.RowsRead)
            throw new ArgumentException($"{count} rows are to be held out of {Report.Source}, which has {Report.RowsRead}; expected 0..{Report.RowsRead - 1}");
        var boundary = Report.RowsRead - count;
        var train = Rows.Where((_, i) => _positions[i] < boundary).ToList();
        var heldOut = Rows.Where((_, i) => _positions[i] >= boundary).ToList();
        if (train.Count == 0 || (heldOut.Count == 0 && count > 0))
            throw new InvalidDataException($"{Report.Source}: with {count} of {Report.RowsRead} rows held out, {train.Count} usable rows are left to train on and {heldOut.Count} are held out; both parts need some");
        return (train, heldOut);
    }
}
