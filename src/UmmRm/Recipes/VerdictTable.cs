using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Verdicts as a table: a row a method. With several seeds numbers are means, with intervals over seeds where one decides something.</summary>
public static class VerdictTable
{
    /// <summary>Lays verdicts out.</summary>
    public static ResultTable Of(IReadOnlyList<HackingVerdict> verdicts)
    {
        string[] titles = ["gold start", "peak", "end", "fall", "end - baseline", "peak step", "peak KL", "end KL", "proxy z", "tokens", "ended", "repetition"];
        var table = new ResultTable([new TableColumn("method"), .. titles.Select(title => new TableColumn(title, RightAligned: true))]);
        foreach (var v in verdicts)
        {
            table.Add(
                v.Method, Mean(v.GoldStart, 2), Mean(v.GoldPeak, 2), Mean(v.GoldEnd, 2), WithInterval(v.OverOptimisation), Difference(v.Against), Mean(v.PeakStep, 0),
                Mean(v.PeakKl, 1), Mean(v.EndKl, 1), Mean(v.ProxyEnd, 1), Mean(v.LengthEnd, 1), TableCell.Share(v.EosRateEnd.Mean), TableCell.Share(v.RepetitionEnd.Mean));
        }
        return table;
    }

    /// <summary>What each stop rule would have kept: a row a method, a column a rule, beside the peak; with several seeds only.</summary>
    public static ResultTable StopRules(IReadOnlyList<HackingVerdict> verdicts)
    {
        var table = new ResultTable([new TableColumn("method"), new TableColumn("peak", RightAligned: true), .. StopRule.All.Select(rule => new TableColumn(rule.Name, RightAligned: true))]);
        foreach (var v in verdicts.Where(v => v.Stopped is not null))
            table.Add([v.Method, Mean(v.GoldPeak, 2), .. StopRule.All.Select(rule => v.Stopped!.TryGetValue(rule.Name, out var kept) ? Mean(kept, 2) : TableCell.FromString(TableCell.Missing))]);
        return table;
    }

    private static TableCell Mean(OverSeeds numbers, int decimals) => TableCell.Number(numbers.Mean, decimals);

    /// <summary>A mean, with its interval where there are several seeds.</summary>
    internal static TableCell WithInterval(OverSeeds numbers) => numbers.Interval is { } interval ? TableCell.Number(numbers.Mean, interval) : Mean(numbers, 2);

    internal static TableCell Difference(PairedDifferences? difference) => difference is null ? TableCell.FromString(TableCell.Missing) : TableCell.Difference(difference.Mean, difference.Interval);
}
