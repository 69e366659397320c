using UmmRm.Evaluation;
using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>Figures of sweeps: gold by the shared expert's weight, by k, and by the method of merging, beside the policy that the others are compared with and as differences to it.</summary>
public static class SettingFigures
{
    /// <summary>A figure for each setting that took several values.</summary>
    public static IReadOnlyList<IFigure> Of(IReadOnlyList<SettingReport> settings) =>
    [
        .. Figures(settings, MethodSetting.Alpha, "alpha", "Gold by the shared expert's weight", "alpha, the shared expert's weight,", value => $"alpha = {value}"),
        .. Figures(settings, MethodSetting.TopK, "k", "Gold by the number of experts a token visits", "k, the routed experts that a token visits,", value => $"k = {value}"),
        .. Figures(settings, MethodSetting.Merge, "merge", "Gold by the method of merging", "the method of merging ('unmerged' is the mixture itself)", value => value),
    ];

    private static IEnumerable<IFigure> Figures(IReadOnlyList<SettingReport> settings, MethodSetting setting, string name, string title, string what, Func<string, string> label) =>
        settings.Where(group => group.Setting == setting).GroupBy(group => group.Place).Index().Select(place =>
            Figure([.. place.Item], place.Index == 0 ? name : $"{name}-{place.Index + 1}", place.Item.Key.Length == 0 ? title : $"{title}, {place.Item.Key}", what, label));

    private static IntervalChart Figure(IReadOnlyList<SettingReport> groups, string name, string title, string what, Func<string, string> label)
    {
        var baseline = groups[0].Baseline;
        var points = groups.SelectMany(group => group.Points).ToList();
        var compared = baseline is not null && points.Any(point => point.Difference is not null);
        return new IntervalChart
        {
            Name = name,
            Title = title,
            Panels = ["gold at its peak", "gold at the end", .. compared ? new[] { $"end, minus {baseline!.Name}'s" } : []],
            Caption = $"Policies against reward models that differ in {what} alone{(groups.Count == 1 ? $" ({groups[0].Group})" : "")}.{(baseline is null ? "" : $" The line marks {baseline.Name}.")}"
                + $"{(compared ? " Differences are paired by seed; how far seeds differ among themselves is in the other panels' intervals alone." : "")}{SeedWords.Of([.. Seeds()])}",
            Rows = [.. Baseline(), .. groups.SelectMany(group => group.Points.Select(point => Row(group, point)))],
        };

        IEnumerable<int> Seeds() => [.. points.Select(point => point.End.Values.Count), .. points.Select(point => point.Difference?.Count).OfType<int>(), .. baseline is null ? Array.Empty<int>() : [baseline.End.Values.Count]];

        IEnumerable<IntervalRow> Baseline() => baseline is null ? [] : [new(baseline.Name, baseline.Look.Ink, Numbers(baseline.Peak, baseline.End, compared ? new Measured(0) : null)) { Baseline = true }];

        IntervalRow Row(SettingReport group, SettingPoint point) => new(
            groups.Count == 1 ? label(point.Value) : $"{group.Group}: {label(point.Value)}",
            group.Look.Ink,
            Numbers(point.Peak, point.End, point.Difference is { } paired ? new Measured(paired.Mean, paired.Interval.Low, paired.Interval.High) : null));

        IReadOnlyList<Measured?> Numbers(OverSeeds peak, OverSeeds end, Measured? difference) => [Number(peak), Number(end), .. compared ? new[] { difference } : []];
    }

    private static Measured? Number(OverSeeds gold) => new Measured(gold.Mean, gold.Interval?.Low, gold.Interval?.High);
}
