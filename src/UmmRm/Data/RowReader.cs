namespace UmmRm.Data;

/// <summary>Reads a source through the layouts that it may have: finds the layout, counts what cannot be used, and never drops a row silently.</summary>
internal static class RowReader
{
    private const int RowsToLookAt = 100;
    private const int RowsToName = 5;

    /// <summary>Reads all rows of a source.</summary>
    /// <param name="source">Which rows.</param>
    /// <param name="options">How.</param>
    /// <param name="layouts">The layouts to try, in this order.</param>
    /// <param name="sameTexts">When two records repeat each other.</param>
    /// <param name="everyColumn">Read columns too that no layout knows, where the format could leave them out.</param>
    /// <exception cref="InvalidDataException">Damaged files, no rows, no known layout, bad rows that may not be dropped, or none left.</exception>
    /// <exception cref="ArgumentException">The column mapping names columns that no layout has.</exception>
    public static DataSet<T> Read<T>(DataSource source, ReadOptions options, IReadOnlyList<Layout<T>> layouts, IEqualityComparer<T> sameTexts, bool everyColumn = false)
    {
        CheckMapping(options, layouts);
        var columns = layouts.SelectMany(layout => layout.Columns).Select(name => options.Columns.GetValueOrDefault(name, name)).ToHashSet();
        using var rows = source.Rows(everyColumn ? null : columns).Select(row => new RowFields(row, options)).GetEnumerator();
        var sample = new List<RowFields>();
        while (sample.Count < RowsToLookAt && rows.MoveNext())
            sample.Add(rows.Current);
        if (sample.Count == 0)
            throw new InvalidDataException($"{source}: there are no rows; the file is empty");
        var layout = Detect(source.ToString(), options, layouts, sample);

        var (kept, positions, tally) = (new List<T>(), new List<int>(), new Tally());
        var count = 0;
        for (; count < sample.Count || rows.MoveNext(); count++)
        {
            var fields = count < sample.Count ? sample[count] : rows.Current;
            try
            {
                kept.Add(layout.Read(fields));
                positions.Add(count);
            }
            catch (BadRowException bad)
            {
                tally.Add(fields.Row, bad);
            }
        }
        tally.ThrowIfRefused(source, options.BadRows, kept.Count);
        return new DataSet<T>(kept, positions, new DataReport
        {
            Source = source.ToString(),
            Layout = layout.Name,
            Files = [.. source.Files().Select(DataFile.Of)],
            RowsRead = count,
            Kept = kept.Count,
            Dropped = tally.Rows(),
            Duplicates = kept.Count - kept.Distinct(sameTexts).Count(),
        });
    }

    /// <summary>Reads one row that stands alone.</summary>
    /// <exception cref="InvalidDataException">The row has no known layout or cannot be used; the message names file, row and column.</exception>
    public static T ReadOne<T>(DataRow row, ReadOptions options, IReadOnlyList<Layout<T>> layouts)
    {
        var fields = new RowFields(row, options);
        var layout = Detect($"{row.File}:{row.Number}", options, layouts, [fields]);
        try
        {
            return layout.Read(fields);
        }
        catch (BadRowException bad)
        {
            throw new InvalidDataException($"{row.File}:{row.Number}: {bad.Message}", bad);
        }
    }

    private static Layout<T> Detect<T>(string source, ReadOptions options, IReadOnlyList<Layout<T>> layouts, IReadOnlyList<RowFields> sample)
    {
        var columns = sample.SelectMany(fields => fields.Row.Fields.Select(field => field.Key)).ToHashSet();
        var found = string.Join(", ", columns.Order(StringComparer.Ordinal));
        foreach (var (name, column) in options.Columns)
        {
            if (!columns.Contains(column))
                throw new InvalidDataException($"{source}: there is no column '{column}', which was named as {name}; the columns are {found}");
        }
        return layouts.FirstOrDefault(layout => layout.Fits(columns, sample)) ?? throw new InvalidDataException(
            $"{source}: the columns ({found}) fit no known layout; expected one of: {string.Join("; ", layouts.Select(layout => string.Join(", ", layout.Required)).Distinct())}. "
            + "Say which column is which, as in --columns chosen=answer_a,rejected=answer_b,prompt=question");
    }

    private static void CheckMapping<T>(ReadOptions options, IReadOnlyList<Layout<T>> layouts)
    {
        var known = layouts.SelectMany(layout => layout.Columns).Distinct().ToList();
        if (options.Columns.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new ArgumentException($"columns names '{unknown}', which no layout has{(NearestName.To(unknown, known) is { } near ? $"; did you mean {near}?" : "")} (expected some of {string.Join(", ", known)})");
    }

    /// <summary>Rows that could not be used, by reason.</summary>
    private sealed class Tally
    {
        private readonly SortedDictionary<BadRowReason, (int Count, List<string> First)> _rows = [];
        private string? _firstError;
        private int _errors;

        public void Add(DataRow row, BadRowException bad)
        {
            var (count, first) = _rows.GetValueOrDefault(bad.Reason, (0, []));
            if (count < RowsToName)
                first.Add(row.Origin);
            _rows[bad.Reason] = (count + 1, first);
            if (bad.Reason == BadRowReason.Tie)
                return;
            _errors++;
            _firstError ??= $"{row.File}:{row.Number}: {bad.Message}";
        }

        public void ThrowIfRefused(DataSource source, BadRows policy, int kept)
        {
            if (_firstError is not null && policy == BadRows.Error)
                throw new InvalidDataException($"{_firstError}. Correct {(_errors == 1 ? "the row" : $"it and {_errors - 1} more ({Counts()})")}, or leave such rows out and have them counted with bad_rows: drop");
            if (kept == 0)
                throw new InvalidDataException($"{source}: no usable row is left ({Counts()}){(_firstError is null ? "" : $"; the first: {_firstError}")}");
        }

        public IReadOnlyList<DroppedRows> Rows() => [.. _rows.Select(entry => new DroppedRows(entry.Key, entry.Value.Count, entry.Value.First))];

        private string Counts() => string.Join(", ", _rows.Select(entry => $"{entry.Key} {entry.Value.Count}"));
    }
}
