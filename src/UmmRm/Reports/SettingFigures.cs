using UmmRm.Evaluation;
using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>Figures of sweeps: gold by the shared expert's weight, by k, and by the method of merging, beside the policy that the others are compared with.</summary>
public static class SettingFigures
{
    private const string Gold = "gold reward (raw)";

    /// <summary>A figure for each setting that took several values.</summary>
    public static IReadOnlyList<IFigure> Of(IReadOnlyList<SettingReport> settings, BaselineReport? baseline) =>
    [
        .. Curves(settings, MethodSetting.Alpha, baseline, "alpha", "Gold by the shared expert's weight", "alpha, the shared expert's weight", "alpha"),
        .. Curves(settings, MethodSetting.TopK, baseline, "k", "Gold by the number of experts a token visits", "k, routed experts a token", "k"),
        .. Merges([.. settings.Where(setting => setting.Setting == MethodSetting.Merge)], baseline),
    ];

    private static IEnumerable<IFigure> Curves(IReadOnlyList<SettingReport> settings, MethodSetting setting, BaselineReport? baseline, string name, string title, string xTitle, string symbol)
    {
        var groups = settings.Where(group => group.Setting == setting).ToList();
        if (groups.Count == 0)
            yield break;
        var numbers = groups.SelectMany(group => group.Points).Select(point => point.Number).ToList();
        var flat = baseline is null ? [] : new[] { Flat(baseline.End, "end", false), Flat(baseline.Peak, "peak", true) };
        yield return new LineChart
        {
            Name = name,
            Title = title,
            XTitle = xTitle,
            YTitle = Gold,
            Dots = true,
            Caption = $"Policies against reward models that differ in {symbol} alone: gold at the end of the training, and dashed at its peak.{Flats(baseline)}{Bands(groups)}",
            Series = [.. flat, .. groups.Select(group => Series(group, "end", point => point.End)), .. groups.Select(group => Series(group, "peak", point => point.Peak) with { Dashed = true })],
        };

        LineSeries Flat(OverSeeds gold, string when, bool dashed) => new($"{baseline!.Name}, {when}", baseline.Look.Ink, [Point(numbers.Min(), gold), Point(numbers.Max(), gold)]) { Dashed = dashed };
    }

    private static IEnumerable<IFigure> Merges(IReadOnlyList<SettingReport> groups, BaselineReport? baseline)
    {
        if (groups.Count == 0)
            yield break;
        var only = groups.Count == 1;
        IReadOnlyList<IntervalRow> first = baseline is null ? [] : [new IntervalRow(baseline.Name, baseline.Look.Ink, [Number(baseline.Peak), Number(baseline.End)]) { Baseline = true }];
        yield return new IntervalChart
        {
            Name = "merge",
            Title = "Gold by the method of merging",
            Panels = ["gold at its peak", "gold at the end"],
            Caption = $"Policies against reward models that differ in the method of merging alone{(only ? $" ({groups[0].Group})" : "")}; 'unmerged' is the mixture itself.{(baseline is null ? "" : $" The line marks {baseline.Name}.")}{Bands(groups)}",
            Rows = [.. first, .. groups.SelectMany(group => group.Points.Select(point => new IntervalRow(only ? point.Value : $"{group.Group}: {point.Value}", group.Look.Ink, [Number(point.Peak), Number(point.End)])))],
        };
    }

    private static LineSeries Series(SettingReport group, string when, Func<SettingPoint, OverSeeds> gold) =>
        new($"{group.Group}, {when}", group.Look.Ink, [.. group.Points.OrderBy(point => point.Number).Select(point => Point(point.Number, gold(point)))]) { Strong = when == "end" };

    private static CurvePoint Point(double x, OverSeeds gold) => new(x, gold.Mean, gold.Interval?.Low, gold.Interval?.High);

    private static Measured? Number(OverSeeds gold) => new Measured(gold.Mean, gold.Interval?.Low, gold.Interval?.High);

    private static string Flats(BaselineReport? baseline) => baseline is null ? "" : $" Flat lines: {baseline.Name}.";

    private static string Bands(IReadOnlyList<SettingReport> groups) => SeedWords.Of([.. groups.SelectMany(group => group.Points).Select(point => point.End.Values.Count)]);
}
