using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Best-of-n of one run or of several seeds, as a table and as curves. Intervals of one run are over prompts, of several over seeds; differences to the first reward are paired.</summary>
internal static class BonTable
{
    private const int MostColumns = 6;

    /// <summary>A row a reward: gold of its choice at some of the n, then the last one's interval, the difference to the first reward, and the proxy's own belief.</summary>
    /// <param name="runs">A result a seed.</param>
    /// <exception cref="ArgumentException">The runs compare different rewards or n.</exception>
    public static ResultTable Of(IReadOnlyList<BonResult> runs)
    {
        RequireAlike(runs);
        var points = runs[0].Curves[0].Points;
        var (every, last) = ((points.Count + MostColumns - 2) / (MostColumns - 1), points.Count - 1);
        var shown = Enumerable.Range(0, last).Where(index => index % every == 0).ToList();
        var table = new ResultTable(
        [
            new TableColumn("best of n by"), .. shown.Select(index => Column(FormattableString.Invariant($"n={points[index].N} ({points[index].Kl:0.0} nats)"))),
            Column(FormattableString.Invariant($"n={points[last].N} ({points[last].Kl:0.0} nats) [95 %]")), Column($"- {runs[0].Curves[0].Reward}"), Column("proxy z"),
        ]);
        foreach (var curve in Enumerable.Range(0, runs[0].Curves.Count))
        {
            var end = Gold(runs, curve, last);
            table.Add(
            [
                runs[0].Curves[curve].Reward, .. shown.Select(index => TableCell.Number(Gold(runs, curve, index).Mean, 2)),
                end.Cell(2),
                curve == 0 ? TableCell.Missing : Difference(runs, curve, last).Difference(2), TableCell.Number(runs.Average(run => run.Curves[curve].Points[last].ProxyZ), 1),
            ]);
        }
        return table;
    }

    /// <summary>Gold of each reward's choice by how far the choice goes from the policy, in nats.</summary>
    /// <param name="runs">A result a seed.</param>
    /// <param name="looks">How each reward is drawn.</param>
    public static IReadOnlyList<LineSeries> Curves(IReadOnlyList<BonResult> runs, RewardLooks looks)
    {
        RequireAlike(runs);
        return [.. runs[0].Curves.Index().Select(curve => new LineSeries(curve.Item.Reward, looks.Of(curve.Item.Reward).Ink, [.. curve.Item.Points.Index().Select(point =>
        {
            var gold = Gold(runs, curve.Index, point.Index);
            return new CurvePoint(point.Item.Kl, gold.Mean, gold.Interval.Low, gold.Interval.High);
        })]) { Strong = curve.Index == 0, Dashed = curve.Item.Reward == runs[0].Gold })];
    }

    private static SeedMean Gold(IReadOnlyList<BonResult> runs, int curve, int point) => SeedMean.Of(runs, run => run.Curves[curve].Points[point].Gold, run => run.Curves[curve].Points[point].GoldInterval);

    private static SeedMean Difference(IReadOnlyList<BonResult> runs, int curve, int point) => SeedMean.Of(runs, run => run.Curves[curve].Points[point].Difference!.Value, run => run.Curves[curve].Points[point].DifferenceInterval!.Value);

    private static void RequireAlike(IReadOnlyList<BonResult> runs)
    {
        static IEnumerable<string> Shape(BonResult run) => run.Curves.Select(curve => $"{curve.Reward} {string.Join(' ', curve.Points.Select(point => point.N))}");
        if (runs.Any(run => !Shape(run).SequenceEqual(Shape(runs[0]))))
            throw new ArgumentException("the runs' bon stages compare different rewards or numbers of samples; runs of one recipe with different seeds are expected");
    }

    private static TableColumn Column(string title) => new(title, RightAligned: true);
}
