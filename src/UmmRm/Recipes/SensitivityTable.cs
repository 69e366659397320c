using System.Globalization;
using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Sensitivity of one run or of several seeds, as tables and rows of a figure. Intervals of one run are over prompts, of several over seeds; differences to the first reward are paired.</summary>
internal static class SensitivityTable
{
    /// <summary>A row a reward: how far each kind of change moves it, in its own standard deviations.</summary>
    /// <param name="runs">A result a seed.</param>
    /// <exception cref="ArgumentException">The runs measured different rewards, changes or groups.</exception>
    public static ResultTable Of(IReadOnlyList<SensitivityResult> runs)
    {
        RequireAlike(runs);
        var first = runs[0].Rewards[0];
        var table = new ResultTable([new TableColumn("reward"), Column("any change [95 %]"), Column($"- {first.Reward}"), .. Kinds(runs).Skip(1).Select(Column), Column("accuracy")]);
        foreach (var (index, reward) in runs[0].Rewards.Index())
        {
            table.Add(
            [
                reward.Reward, Size(runs, index, 0).Cell(3), index == 0 ? TableCell.Missing : Difference(runs, index).Difference(3),
                .. Enumerable.Range(1, reward.Measures.Count - 1).Select(kind => TableCell.Number(Size(runs, index, kind).Mean, 3)), TableCell.Share(runs.Average(run => run.Accuracies[index])),
            ]);
        }
        return table;
    }

    /// <summary>A row a group: how far its members disagree, and what single ones are like.</summary>
    /// <param name="runs">A result a seed.</param>
    public static ResultTable Spreads(IReadOnlyList<SensitivityResult> runs)
    {
        RequireAlike(runs);
        var table = new ResultTable([new TableColumn("members of"), Column("members"), Column("spread [95 %]"), Column("any change: mean (least .. most)"), Column("accuracy: mean (least .. most)")]);
        foreach (var (index, group) in runs[0].Spreads.Index())
        {
            table.Add(group.Group, TableCell.Count(group.Members.Count), Spread(runs, index).Cell(2),
                Range(runs.SelectMany(run => run.Spreads[index].Sensitivities), "0.00"), Range(runs.SelectMany(run => run.Spreads[index].Accuracies), ".000"));
        }
        return table;
    }

    /// <summary>What the panels of a figure show: all changes together, then each kind.</summary>
    public static IReadOnlyList<string> Kinds(IReadOnlyList<SensitivityResult> runs) => [.. runs[0].Rewards[0].Measures.Select(measure => measure.Perturbation?.ToString().ToLowerInvariant() ?? "any change")];

    /// <summary>A row a reward, a panel a kind of change.</summary>
    public static IReadOnlyList<IntervalRow> Rows(IReadOnlyList<SensitivityResult> runs, RewardLooks looks) =>
    [
        .. runs[0].Rewards.Index().Select(reward => new IntervalRow(reward.Item.Reward, looks.Of(reward.Item.Reward).Ink, [.. reward.Item.Measures.Index().Select(kind => (Measured?)Size(runs, reward.Index, kind.Index).Measured)]) { Baseline = reward.Index == 0 }),
    ];

    /// <summary>A row a group of members.</summary>
    public static IReadOnlyList<IntervalRow> SpreadRows(IReadOnlyList<SensitivityResult> runs) =>
        [.. runs[0].Spreads.Index().Select(group => new IntervalRow(group.Item.Group, Palette.Text, [Spread(runs, group.Index).Measured]))];

    private static SeedMean Size(IReadOnlyList<SensitivityResult> runs, int reward, int kind) => SeedMean.Of(runs, run => run.Rewards[reward].Measures[kind].Mean, run => run.Rewards[reward].Measures[kind].Interval);

    private static SeedMean Difference(IReadOnlyList<SensitivityResult> runs, int reward) => SeedMean.Of(runs, run => run.Rewards[reward].Measures[0].Difference!.Value, run => run.Rewards[reward].Measures[0].DifferenceInterval!.Value);

    private static SeedMean Spread(IReadOnlyList<SensitivityResult> runs, int group) => SeedMean.Of(runs, run => run.Spreads[group].Spread, run => run.Spreads[group].Interval);

    private static void RequireAlike(IReadOnlyList<SensitivityResult> runs)
    {
        static IEnumerable<string> Shape(SensitivityResult run) => run.Rewards.Select(reward => $"{reward.Reward} {string.Join(' ', reward.Measures.Select(measure => measure.Perturbation))}").Concat(run.Spreads.Select(group => group.Group));
        if (runs.Any(run => !Shape(run).SequenceEqual(Shape(runs[0]))))
            throw new ArgumentException("the runs' sensitivity stages measured different rewards, changes or groups; runs of one recipe with different seeds are expected");
    }

    private static TableColumn Column(string title) => new(title, RightAligned: true);

    private static TableCell Range(IEnumerable<double> numbers, string format)
    {
        var values = numbers.ToList();
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return new TableCell($"{Text(values.Average())} ({Text(values.Min())} .. {Text(values.Max())})", values.Average());
    }
}
