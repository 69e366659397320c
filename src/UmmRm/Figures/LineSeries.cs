namespace UmmRm.Figures;

/// <summary>A point of a curve.</summary>
/// <param name="X">Across.</param>
/// <param name="Y">Up.</param>
/// <param name="Low">The lower end of its interval, or null.</param>
/// <param name="High">The upper end.</param>
public readonly record struct CurvePoint(double X, double Y, double? Low = null, double? High = null);

/// <summary>One curve of a figure.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Ink">Its colour, the same in every figure.</param>
/// <param name="Points">From left to right, or in the order of time.</param>
public sealed record LineSeries(string Name, Ink Ink, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>Drawn thick and on top.</summary>
    public bool Strong { get; init; }

    /// <summary>Drawn dashed: a variant of another series.</summary>
    public bool Dashed { get; init; }
}
