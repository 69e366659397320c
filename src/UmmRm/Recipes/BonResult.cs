using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>bon.json: best-of-n curves of several rewards on the same samples.</summary>
/// <param name="Policy">Who answered.</param>
/// <param name="Gold">Who judged.</param>
/// <param name="Prompts">How many prompts there were.</param>
/// <param name="Samples">Answers to each.</param>
/// <param name="Distinct">How many of all answers were different from the prompt's others; those alone were scored.</param>
/// <param name="Curves">A curve a reward, in the stage's order, and gold's own last.</param>
public sealed record BonResult(string Policy, string Gold, int Prompts, int Samples, int Distinct, IReadOnlyList<BestOfNCurve> Curves)
{
    /// <summary>The file's name in its stage's folder.</summary>
    public const string FileName = "bon.json";

    private const int MostColumns = 6;

    /// <summary>Reads a bon stage's result.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static BonResult Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file; a bon stage writes it", path);
        return RunJson.ReadIfWhole<BonResult>(path) ?? throw new InvalidDataException($"{path}: it is no bon.json as a bon stage writes it");
    }

    /// <summary>The file's content.</summary>
    public JsonObject ToJson() => RunJson.ToNode(this).AsObject();

    /// <summary>A row a reward: gold of its choice at some of the n, then the last one's interval, the difference to the first reward, and the proxy's own belief.</summary>
    public ResultTable Table()
    {
        var last = Curves[0].Points[^1];
        var every = (Curves[0].Points.Count + MostColumns - 2) / (MostColumns - 1);
        var shown = Curves[0].Points.Index().Where(point => point.Index % every == 0 && point.Item != last).ToList();
        var table = new ResultTable(
        [
            new TableColumn("best of n by"), .. shown.Select(point => Column(FormattableString.Invariant($"n={point.Item.N} ({point.Item.Kl:0.0} nats)"))),
            Column(FormattableString.Invariant($"n={last.N} ({last.Kl:0.0} nats) [95 %]")), Column($"- {Curves[0].Reward}"), Column("proxy z"),
        ]);
        foreach (var curve in Curves)
        {
            var end = curve.Points[^1];
            table.Add(
            [
                curve.Reward, .. shown.Select(point => TableCell.Number(curve.Points[point.Index].Gold, 2)),
                new TableCell(FormattableString.Invariant($"{end.Gold:0.00} [{end.GoldInterval.Low:0.00}, {end.GoldInterval.High:0.00}]"), end.Gold, end.GoldInterval),
                Difference(end), TableCell.Number(end.ProxyZ, 1),
            ]);
        }
        return table;
    }

    private static TableColumn Column(string title) => new(title, RightAligned: true);

    private static TableCell Difference(BestOfNPoint point) => point is { Difference: { } difference, DifferenceInterval: { } interval }
        ? new TableCell(FormattableString.Invariant($"{difference:+0.00;-0.00;0.00} [{interval.Low:+0.00;-0.00;0.00}, {interval.High:+0.00;-0.00;0.00}]"), difference, interval)
        : TableCell.FromString(TableCell.Missing);
}
