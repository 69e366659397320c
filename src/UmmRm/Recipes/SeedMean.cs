using UmmRm.Evaluation;
using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>A number that every run of one recipe has: of several seeds their mean with its interval over seeds, of one seed the number with the interval that the run itself gave it.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Interval">Its 95 % interval.</param>
internal readonly record struct SeedMean(double Mean, Interval Interval)
{
    /// <summary>Measures runs.</summary>
    /// <param name="runs">One a seed.</param>
    /// <param name="value">The number.</param>
    /// <param name="own">Its interval within one run.</param>
    public static SeedMean Of<T>(IReadOnlyList<T> runs, Func<T, double> value, Func<T, Interval> own)
    {
        var over = new OverSeeds([.. runs.Select(value)]);
        return new(over.Mean, over.Interval ?? own(runs[0]));
    }

    /// <summary>For a figure.</summary>
    public Measured Measured => new(Mean, Interval.Low, Interval.High);

    /// <summary>For a table.</summary>
    public TableCell Cell(int decimals) => TableCell.Number(Mean, Interval, decimals);

    /// <summary>For a table, of a difference.</summary>
    public TableCell Difference(int decimals) => TableCell.Difference(Mean, Interval, decimals);
}
