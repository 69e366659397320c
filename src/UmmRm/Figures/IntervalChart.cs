namespace UmmRm.Figures;

/// <summary>A measured number with its interval.</summary>
/// <param name="Value">The number.</param>
/// <param name="Low">The interval's lower end; null where there is none.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct Measured(double Value, double? Low = null, double? High = null)
{
    /// <summary>The number, and the interval if there is one.</summary>
    public override string ToString() => FormattableString.Invariant($"{Value:0.000}") + (Low is null ? "" : FormattableString.Invariant($" [{Low:0.000}, {High:0.000}]"));
}

/// <summary>One thing's numbers, a panel each.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ink">Its colour.</param>
/// <param name="Values">A number for each panel; null where it was not measured.</param>
public sealed record IntervalRow(string Name, Ink Ink, IReadOnlyList<Measured?> Values)
{
    /// <summary>The row that the others are compared with: a thin line runs through its number.</summary>
    public bool Baseline { get; init; }
}

/// <summary>Numbers with intervals as dots and whiskers: a row a thing, a panel a measure; panels stand side by side, or below each other where it is narrow.</summary>
public sealed record IntervalChart : IFigure
{
    private const double RowHeight = 21;
    private const double Head = 26;
    private const double Foot = 30;

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required string Title { get; init; }

    /// <inheritdoc/>
    public required string Caption { get; init; }

    /// <summary>The panels' headings.</summary>
    public required IReadOnlyList<string> Panels { get; init; }

    /// <summary>The rows.</summary>
    public required IReadOnlyList<IntervalRow> Rows { get; init; }

    /// <summary>A number that means 'nothing', such as one half for an accuracy; shown when it is near; or null.</summary>
    public double? Nothing { get; init; }

    /// <inheritdoc/>
    public Drawing Draw(double width)
    {
        var stacked = width < 480;
        var left = Rows.Max(row => Label.WidthOf(row.Name, 12, row.Baseline)) + 12;
        var room = (width - left) / (stacked ? 1 : Panels.Count);
        var height = Head + (Rows.Count * RowHeight) + Foot;
        var marks = new List<Mark>();
        foreach (var panel in Enumerable.Range(0, Panels.Count))
        {
            var top = stacked ? panel * height : 0;
            if (stacked || panel == 0)
                marks.AddRange(Rows.Select((row, i) => new Label(new(left - 10, Middle(top, i) + 4), row.Name, Palette.Text, 12, Anchor.End, row.Baseline)));
            marks.AddRange(Panel(panel, left + (stacked ? 0 : panel * room), top, room - 16));
        }
        return new Drawing(width, stacked ? height * Panels.Count : height, marks);
    }

    /// <inheritdoc/>
    public FigureTable Numbers() => new(
        ["row", "panel", "value", "low", "high"],
        [.. Rows.SelectMany(row => row.Values.Index().Where(v => v.Item is not null).Select(IReadOnlyList<object?> (v) => [row.Name, Panels[v.Index], v.Item!.Value.Value, v.Item.Value.Low, v.Item.Value.High]))]);

    private static double Middle(double top, int row) => top + Head + ((row + 0.5) * RowHeight);

    private IEnumerable<Mark> Panel(int panel, double left, double top, double room)
    {
        var values = Rows.Select(row => row.Values[panel]).OfType<Measured>().ToList();
        var (bottom, first) = (top + Head + (Rows.Count * RowHeight), top + Head);
        var x = AxisScale.For(values.SelectMany(v => new[] { v.Low ?? v.Value, v.High ?? v.Value, v.Value }), left, left + room, room < 200 ? 3 : 4);
        yield return new Label(new(left, top + 14), Panels[panel], Palette.Text, 12, Bold: true);
        foreach (var tick in x.Ticks)
        {
            yield return new Stroke([new(x.At(tick), first), new(x.At(tick), bottom)], Palette.Grid);
            yield return new Label(new(x.At(tick), bottom + 15), x.TextOf(tick), Palette.Muted, 11, Anchor.Middle);
        }
        if (Nothing is { } nothing && nothing > x.Low && nothing < x.High)
            yield return new Stroke([new(x.At(nothing), first), new(x.At(nothing), bottom)], Palette.Muted, 1, Dashed: true) { Tip = FormattableString.Invariant($"{nothing}: chance") };
        if (Rows.FirstOrDefault(row => row.Baseline)?.Values[panel] is { } baseline)
            yield return new Stroke([new(x.At(baseline.Value), first), new(x.At(baseline.Value), bottom)], Palette.Muted, 1);
        foreach (var (index, row) in Rows.Index())
        {
            if (row.Values[panel] is not { } value)
                continue;
            var (y, tip) = (Middle(top, index), $"{row.Name}, {Panels[panel]}: {value}");
            if (value is { Low: { } low, High: { } high })
                yield return new Stroke([new(x.At(low), y), new(x.At(high), y)], row.Ink, 2) { Series = row.Name };
            yield return new Dot(new(x.At(value.Value), y), row.Baseline ? 5 : 4.2, row.Ink) { Series = row.Name, Tip = tip };
        }
    }
}
