namespace UmmRm.Figures;

/// <summary>One small plot of several.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Ink">The heading's colour.</param>
/// <param name="Series">Its curves, from back to front.</param>
public sealed record Panel(string Title, Ink Ink, IReadOnlyList<LineSeries> Series);

/// <summary>Many small plots over the same axes, so that each of many curves can be seen with its band.</summary>
public sealed record PanelChart : IFigure
{
    private const double TickSize = 10;
    private const double Head = 20;
    private const double Gap = 14;

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required string Title { get; init; }

    /// <inheritdoc/>
    public required string Caption { get; init; }

    /// <summary>What the horizontal axes show.</summary>
    public required string XTitle { get; init; }

    /// <summary>What the vertical axes show.</summary>
    public required string YTitle { get; init; }

    /// <summary>The plots, row by row.</summary>
    public required IReadOnlyList<Panel> Panels { get; init; }

    /// <summary>What the strokes mean: series without points.</summary>
    public required IReadOnlyList<LineSeries> Legend { get; init; }

    /// <inheritdoc/>
    public Drawing Draw(double width)
    {
        var columns = Math.Min(Panels.Count, width < 480 ? 2 : 4);
        var (left, plot) = (34.0, width < 480 ? 92.0 : 120.0);
        var room = (width - left + Gap) / columns;
        var (legend, first) = CurveMarks.Legend(Legend, 0, 14, width);
        var points = Panels.SelectMany(panel => panel.Series).SelectMany(series => series.Points).ToList();
        var marks = new List<Mark>(legend);
        var bottom = first;
        foreach (var (index, panel) in Panels.Index())
        {
            var (from, top) = (left + (index % columns * room), first + Head + (index / columns * (plot + Head + 14)));
            bottom = top + plot;
            var x = AxisScale.For(points.Select(p => p.X), from, from + room - Gap, 3, 0.03);
            var y = AxisScale.For(CurveMarks.Range(points), bottom, top);
            marks.AddRange(Axes(panel, x, y, new Spot(from, top), new Spot(from + room - Gap, bottom), numbered: index % columns == 0, last: index + columns >= Panels.Count));
            marks.AddRange(panel.Series.Select(series => CurveMarks.Band(series, x, y, 0.16)).OfType<Mark>());
            marks.AddRange(panel.Series.SelectMany(series => CurveMarks.Curve(series, x, y, dots: false)));
            marks.AddRange(panel.Series.SelectMany(series => series.Points.Select(p => new Dot(new(x.At(p.X), y.At(p.Y)), 5, series.Ink, 0) { Tip = FormattableString.Invariant($"{panel.Title}, {series.Name}: {p.Y:0.##} at {p.X:0.##} {XTitle}") })));
        }
        marks.Add(new Label(new(width, bottom + 32), XTitle, Palette.Muted, 12, Anchor.End));
        return new Drawing(width, bottom + 40, marks);
    }

    /// <inheritdoc/>
    public FigureTable Numbers() => new(
        ["panel", "series", XTitle, YTitle, "low", "high"],
        [.. Panels.SelectMany(panel => panel.Series.SelectMany(s => s.Points.Select(IReadOnlyList<object?> (p) => [panel.Title, s.Name, p.X, p.Y, p.Low, p.High])))]);

    private static IEnumerable<Mark> Axes(Panel panel, AxisScale x, AxisScale y, Spot from, Spot to, bool numbered, bool last)
    {
        yield return new Label(new(from.X, from.Y - 6), panel.Title, panel.Ink, 12, Bold: true);
        foreach (var tick in y.Ticks)
        {
            yield return new Stroke([new(from.X, y.At(tick)), new(to.X, y.At(tick))], Palette.Grid);
            if (numbered)
                yield return new Label(new(from.X - 6, y.At(tick) + 4), y.TextOf(tick), Palette.Muted, TickSize, Anchor.End);
        }
        foreach (var tick in last ? x.Ticks : [])
            yield return new Label(new(x.At(tick), to.Y + 14), x.TextOf(tick), Palette.Muted, TickSize, Anchor.Middle);
    }
}
