namespace UmmRm.Figures;

/// <summary>Curves over one pair of axes, with bands where points have intervals. Names stand beside the curves' ends, or under the plot where it is narrow or curves end at different places.</summary>
public sealed record LineChart : IFigure
{
    private const double Narrow = 480;
    private const double TickSize = 11;

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required string Title { get; init; }

    /// <inheritdoc/>
    public required string Caption { get; init; }

    /// <summary>What the horizontal axis shows, with its unit.</summary>
    public required string XTitle { get; init; }

    /// <summary>What the vertical axis shows, with its unit.</summary>
    public required string YTitle { get; init; }

    /// <summary>The curves.</summary>
    public required IReadOnlyList<LineSeries> Series { get; init; }

    /// <summary>Whether single points are marked, as in curves of few.</summary>
    public bool Dots { get; init; }

    /// <inheritdoc/>
    public Drawing Draw(double width)
    {
        var narrow = width < Narrow;
        var besides = !narrow && EndTogether;
        var names = besides ? Series.Max(s => Label.WidthOf(s.Name, 12, s.Strong)) + 34 : 0;
        var (left, top, right, height) = (46.0, 26.0, width - Math.Max(12, names), narrow ? 230.0 : 330.0);
        var bottom = top + height;
        var points = Series.SelectMany(s => s.Points).ToList();
        var x = AxisScale.For(points.Select(p => p.X), left, right, narrow ? 4 : 7, 0.02);
        var y = AxisScale.For(CurveMarks.Range(points), bottom, top);
        List<Mark> marks = [.. Axes(x, y, left, right, top, bottom)];
        var ordered = Series.OrderBy(s => s.Strong).ToList();
        marks.AddRange(ordered.Select(s => CurveMarks.Band(s, x, y, s.Strong ? 0.16 : Math.Min(0.1, 0.3 / Series.Count))).OfType<Mark>()); // many bands must not hide the curves
        marks.AddRange(ordered.SelectMany(s => CurveMarks.Curve(s, x, y, Dots)));
        if (besides)
            marks.AddRange(NamesAtEnds(x, y, right, top, bottom));
        var (legend, end) = besides ? ([], bottom + 46) : CurveMarks.Legend(Series, narrow ? 8 : left, bottom + 58, width);
        marks.AddRange(legend);
        marks.AddRange(ordered.SelectMany(s => s.Points.Select(p => new Dot(new(x.At(p.X), y.At(p.Y)), 7, s.Ink, 0) { Series = s.Name, Tip = TipOf(s, p) })));
        return new Drawing(width, end, marks);
    }

    /// <inheritdoc/>
    public FigureTable Numbers() => new(
        ["series", XTitle, YTitle, "low", "high"],
        [.. Series.SelectMany(s => s.Points.Select(IReadOnlyList<object?> (p) => [s.Name, p.X, p.Y, p.Low, p.High]))]);

    private IEnumerable<Mark> Axes(AxisScale x, AxisScale y, double left, double right, double top, double bottom)
    {
        foreach (var tick in y.Ticks)
        {
            yield return new Stroke([new(left, y.At(tick)), new(right, y.At(tick))], Palette.Grid);
            yield return new Label(new(left - 7, y.At(tick) + 4), y.TextOf(tick), Palette.Muted, TickSize, Anchor.End);
        }
        yield return new Stroke([new(left, bottom), new(right, bottom)], Palette.Muted);
        foreach (var tick in x.Ticks)
        {
            yield return new Stroke([new(x.At(tick), bottom), new(x.At(tick), bottom + 4)], Palette.Muted);
            yield return new Label(new(x.At(tick), bottom + 17), x.TextOf(tick), Palette.Muted, TickSize, Anchor.Middle);
        }
        yield return new Label(new(left, top - 12), YTitle, Palette.Muted, 12);
        yield return new Label(new(right, bottom + 36), XTitle, Palette.Muted, 12, Anchor.End);
    }

    /// <summary>Whether all curves end at one place across: only then are names beside their ends near them.</summary>
    private bool EndTogether => Series.Where(s => s.Points.Count > 0).Select(s => s.Points[^1].X).Distinct().Count() <= 1;

    /// <summary>Names in the order of the curves' ends, as near to them as they can be without covering each other.</summary>
    private IEnumerable<Mark> NamesAtEnds(AxisScale x, AxisScale y, double right, double top, double bottom)
    {
        var ends = Series.Where(s => s.Points.Count > 0).Select(s => (Series: s, At: new Spot(x.At(s.Points[^1].X), y.At(s.Points[^1].Y)))).OrderBy(end => end.At.Y).ToList();
        var heights = Apart([.. ends.Select(end => end.At.Y)], 15, top, bottom);
        foreach (var (index, (series, at)) in ends.Index())
        {
            yield return new Stroke([new(at.X + 5, at.Y), new(right + 4, at.Y), new(right + 20, heights[index])], series.Ink, 0.7) { Series = series.Name };
            yield return new Label(new(right + 24, heights[index] + 4), series.Name, series.Ink, 12, Bold: series.Strong) { Series = series.Name };
        }
    }

    /// <summary>Heights in their order, at least a distance apart, with the least squares of what they are moved: isotonic regression by pooling neighbours that are too near into blocks.</summary>
    internal static double[] Apart(double[] wanted, double distance, double top, double bottom)
    {
        var blocks = new List<(double Sum, int Count)>(); // of what each height wants its block's first one to be
        foreach (var (index, height) in wanted.Index())
        {
            blocks.Add((height - (index * distance), 1));
            while (blocks.Count > 1 && blocks[^2].Sum / blocks[^2].Count > blocks[^1].Sum / blocks[^1].Count)
            {
                blocks[^2] = (blocks[^2].Sum + blocks[^1].Sum, blocks[^2].Count + blocks[^1].Count);
                blocks.RemoveAt(blocks.Count - 1);
            }
        }
        var last = Math.Max(top, bottom - (distance * (wanted.Length - 1)));
        return [.. blocks.SelectMany(block => Enumerable.Repeat(Math.Clamp(block.Sum / block.Count, top, last), block.Count)).Select((first, index) => first + (index * distance))];
    }

    private string TipOf(LineSeries series, CurvePoint point) =>
        FormattableString.Invariant($"{series.Name}: {point.Y:0.###}") + (point.Low is null ? "" : FormattableString.Invariant($" [{point.Low:0.###}, {point.High:0.###}]")) + FormattableString.Invariant($" at {point.X:0.###} {XTitle}");
}
