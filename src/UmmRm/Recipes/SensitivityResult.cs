using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>sensitivity.json: how small changes of responses move rewards, and how far single experts disagree.</summary>
/// <param name="Responses">How many unchanged responses there were.</param>
/// <param name="Changes">How many changed ones.</param>
/// <param name="Rewards">Each reward's sensitivity.</param>
/// <param name="Accuracies">Each reward's share of pairs whose chosen side scores higher.</param>
/// <param name="Spreads">The single experts of each mixture, then the peers.</param>
public sealed record SensitivityResult(int Responses, int Changes, IReadOnlyList<RewardSensitivity> Rewards, IReadOnlyList<double> Accuracies, IReadOnlyList<MemberSpread> Spreads)
{
    /// <summary>The file's name in its stage's folder.</summary>
    public const string FileName = "sensitivity.json";

    /// <summary>Reads a sensitivity stage's result.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static SensitivityResult Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file; a sensitivity stage writes it", path);
        return RunJson.ReadIfWhole<SensitivityResult>(path) ?? throw new InvalidDataException($"{path}: it is no sensitivity.json as a sensitivity stage writes it");
    }

    /// <summary>The file's content.</summary>
    public JsonObject ToJson() => RunJson.ToNode(this).AsObject();

    /// <summary>A row a reward: how far each kind of change moves it, in its own standard deviations.</summary>
    public ResultTable Table()
    {
        var kinds = Rewards[0].Measures.Skip(1).ToList();
        var table = new ResultTable([new TableColumn("reward"), Column("any change [95 %]"), Column($"- {Rewards[0].Reward}"), .. kinds.Select(kind => Column(kind.Perturbation!.Value.ToString().ToLowerInvariant())), Column("accuracy")]);
        foreach (var (reward, accuracy) in Rewards.Zip(Accuracies))
            table.Add([reward.Reward, Cell(reward.Measures[0]), Difference(reward.Measures[0]), .. reward.Measures.Skip(1).Select(measure => TableCell.Number(measure.Mean, 2)), TableCell.Share(accuracy)]);
        return table;
    }

    /// <summary>A row a group: how far its members disagree, and what single ones are like.</summary>
    public ResultTable SpreadTable()
    {
        var table = new ResultTable([new TableColumn("members of"), Column("members"), Column("spread [95 %]"), Column("any change: mean (least .. most)"), Column("accuracy: mean (least .. most)")]);
        foreach (var group in Spreads)
        {
            table.Add(group.Group, TableCell.Count(group.Members.Count), new TableCell(FormattableString.Invariant($"{group.Spread:0.00} [{group.Interval.Low:0.00}, {group.Interval.High:0.00}]"), group.Spread, group.Interval),
                Range(group.Sensitivities, "0.00"), Range(group.Accuracies, ".000"));
        }
        return table;
    }

    private static TableColumn Column(string title) => new(title, RightAligned: true);

    private static TableCell Cell(SensitivityMeasure measure) => new(FormattableString.Invariant($"{measure.Mean:0.00} [{measure.Interval.Low:0.00}, {measure.Interval.High:0.00}]"), measure.Mean, measure.Interval);

    private static TableCell Difference(SensitivityMeasure measure) => measure is { Difference: { } difference, DifferenceInterval: { } interval }
        ? new TableCell(FormattableString.Invariant($"{difference:+0.00;-0.00;0.00} [{interval.Low:+0.00;-0.00;0.00}, {interval.High:+0.00;-0.00;0.00}]"), difference, interval)
        : TableCell.FromString(TableCell.Missing);

    private static TableCell Range(IReadOnlyList<double> values, string format)
    {
        string Text(double value) => value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
        return new TableCell($"{Text(values.Average())} ({Text(values.Min())} .. {Text(values.Max())})", values.Average());
    }
}
