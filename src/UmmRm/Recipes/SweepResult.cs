using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>One method at one place of a sweep's grid.</summary>
/// <param name="Point">The place's name.</param>
/// <param name="Method">The ppo stage's name.</param>
/// <param name="GoldStart">Gold of the starting policy.</param>
/// <param name="GoldPeak">Gold at its peak.</param>
/// <param name="GoldEnd">Gold of the final policy.</param>
/// <param name="AgainstFirst">Final gold minus that at the grid's first place, paired by seed; null at the first place and with one seed.</param>
public sealed record PointVerdict(string Point, string Method, OverSeeds GoldStart, OverSeeds GoldPeak, OverSeeds GoldEnd, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PairedDifferences? AgainstFirst);

/// <summary>sweep.json: what a sweep's runs show, place by place of its grid, and what the places do to the policies.</summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Seeds">The seeds.</param>
/// <param name="Points">Each place's accuracies and verdicts over seeds.</param>
/// <param name="Policies">The policies that the grid changes, place by place.</param>
public sealed record SweepResult(string Recipe, IReadOnlyList<long> Seeds, IReadOnlyList<SweepPointResult> Points, IReadOnlyList<PointVerdict> Policies)
{
    /// <summary>The file's name in the sweep's folder.</summary>
    public const string FileName = "sweep.json";

    /// <summary>Reads the finished runs.</summary>
    public static SweepResult Of(Sweep sweep)
    {
        var points = sweep.Points.Select(point => new SweepPointResult(point.Name, point.Sets, SeedComparison.Of(RecipeOf(sweep, point), sweep.FoldersOf(point)))).ToList();
        return new(sweep.Runs[0].Recipe.Name, sweep.Seeds, points, [.. Changed(points)]);
    }

    /// <summary>The recipe at a place, with the first seed.</summary>
    public static Recipe RecipeOf(Sweep sweep, SweepPoint point) => sweep.Runs.First(run => run.Point == point).Recipe;

    /// <summary>Writes sweep.json.</summary>
    public void Write(string folder) => RunJson.Write(Path.Combine(folder, FileName), this);

    /// <summary>The file's content with the folder's path, for scripts.</summary>
    public JsonObject ToJson(string folder)
    {
        var json = RunJson.ToNode(this).AsObject();
        json.Insert(0, "run", Path.GetFullPath(folder));
        return json;
    }

    /// <summary>A row a policy and place.</summary>
    public ResultTable Table()
    {
        var table = new ResultTable([new TableColumn("method"), new TableColumn("at"), Number("gold start"), Number("peak"), Number("end"), Number("end - first")]);
        static TableColumn Number(string title) => new(title, RightAligned: true);
        foreach (var row in Policies)
            table.Add(row.Method, row.Point, TableCell.Number(row.GoldStart.Mean, 2), TableCell.Number(row.GoldPeak.Mean, 2), TableCell.Number(row.GoldEnd.Mean, 2), VerdictTable.Difference(row.AgainstFirst));
        return table;
    }

    /// <summary>Methods whose curves are the same at every place have nothing to do with the grid and are left out.</summary>
    private static IEnumerable<PointVerdict> Changed(List<SweepPointResult> points)
    {
        foreach (var first in points[0].Results.Verdicts.Values.SelectMany(verdicts => verdicts))
        {
            var others = points.Skip(1).Select(point => (point.Name, Verdict: point.Results.Verdicts.Values.SelectMany(verdicts => verdicts).FirstOrDefault(verdict => verdict.Method == first.Method))).ToList();
            if (others.All(other => other.Verdict?.GoldEnd.Values.SequenceEqual(first.GoldEnd.Values) ?? true))
                continue;
            yield return Row(points[0].Name, first, null);
            foreach (var (name, verdict) in others.Where(other => other.Verdict is not null))
                yield return Row(name, verdict!, verdict!.GoldEnd.Values.Count < 2 ? null : PairedDifferences.Of(first.GoldEnd.Values, verdict.GoldEnd.Values));
        }
    }

    private static PointVerdict Row(string point, HackingVerdict verdict, PairedDifferences? againstFirst) => new(point, verdict.Method, verdict.GoldStart, verdict.GoldPeak, verdict.GoldEnd, againstFirst);
}

/// <summary>What the runs at one place of the grid show over seeds.</summary>
/// <param name="Name">The place's name; empty for a sweep without a grid.</param>
/// <param name="Sets">What it changes in the recipe.</param>
/// <param name="Results">Accuracies and verdicts.</param>
public sealed record SweepPointResult(string Name, IReadOnlyList<string> Sets, SeedComparison Results);
