namespace UmmRm.Figures;

/// <summary>How a curve is drawn in every figure: its band, its line, its entry in a legend.</summary>
internal static class CurveMarks
{
    /// <summary>How much of the curves' own range bands may add to an axis at each end: intervals of few seeds are so wide that they would flatten the curves.</summary>
    private const double MostRoom = 0.6;

    /// <summary>What an axis up has to hold: every point, and its interval as far as that leaves the curves their room.</summary>
    public static IEnumerable<double> Range(IReadOnlyList<CurvePoint> points)
    {
        var ys = points.Select(p => p.Y).Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (ys.Min(), ys.Max());
        var room = high > low ? MostRoom * (high - low) : double.PositiveInfinity;
        return points.SelectMany(p => new[] { p.Y, Math.Max(p.Low ?? p.Y, low - room), Math.Min(p.High ?? p.Y, high + room) });
    }

    /// <summary>The area between the intervals' ends, as far as it lies within the axis; null where there are fewer than two.</summary>
    public static Area? Band(LineSeries series, AxisScale x, AxisScale y, double opacity)
    {
        var points = series.Points.Where(p => p.Low is not null).ToList();
        return points.Count < 2 ? null : new Area(
            [.. points.Select(p => new Spot(x.At(p.X), Height(p.High!.Value))), .. points.AsEnumerable().Reverse().Select(p => new Spot(x.At(p.X), Height(p.Low!.Value)))], series.Ink, opacity)
        { Series = series.Name };

        double Height(double number) => y.At(Math.Clamp(number, y.Low, y.High));
    }

    /// <summary>The line, a dot at its end or, if asked, at every point.</summary>
    public static IEnumerable<Mark> Curve(LineSeries series, AxisScale x, AxisScale y, bool dots)
    {
        var spots = series.Points.Select(p => new Spot(x.At(p.X), y.At(p.Y))).ToList();
        if (spots.Count > 1)
            yield return new Stroke(spots, series.Ink, series.Strong ? 3 : 1.9, series.Dashed) { Series = series.Name };
        foreach (var spot in dots ? spots : spots.TakeLast(1))
            yield return new Dot(spot, series.Strong ? 3.6 : 2.8, series.Ink) { Series = series.Name };
    }

    /// <summary>Short lines with names, in as many rows as they need.</summary>
    /// <param name="entries">The series.</param>
    /// <param name="left">Where rows begin.</param>
    /// <param name="y">The first row's base line.</param>
    /// <param name="width">Where rows end.</param>
    public static (IReadOnlyList<Mark> Marks, double End) Legend(IEnumerable<LineSeries> entries, double left, double y, double width)
    {
        var (marks, x) = (new List<Mark>(), left);
        foreach (var series in entries)
        {
            var needed = 34 + Label.WidthOf(series.Name, 12, series.Strong);
            if (x > left && x + needed > width)
                (x, y) = (left, y + 20);
            marks.Add(new Stroke([new(x, y - 4), new(x + 16, y - 4)], series.Ink, series.Strong ? 3 : 2, series.Dashed) { Series = series.Name });
            marks.Add(new Label(new(x + 21, y), series.Name, Palette.Text, 12, Bold: series.Strong) { Series = series.Name });
            x += needed;
        }
        return (marks, y + 12);
    }
}
