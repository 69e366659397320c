using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Picks answers of a policy that show what its training did, the same prompts for every policy of a run.</summary>
internal static class ReportedAnswers
{
    private const int Most = 4;

    /// <summary>The prompts, by their place in the files, whose gold fell furthest from its peak to the end; without gold the first ones. Each prompt text once.</summary>
    public static IReadOnlyList<int> Choose(ProxyGoldCurve curve, string samples)
    {
        var rows = Rows(samples, curve.Evaluations[^1].Step);
        var peak = curve.Peak is { } best ? Rows(samples, best.Step) : rows;
        return [.. Enumerable.Range(0, Math.Min(rows.Count, peak.Count)).OrderByDescending(i => Gold(peak[i]) - Gold(rows[i])).DistinctBy(i => PromptOf(rows[i])).Take(Most)];
    }

    /// <summary>Those prompts' answers at the start, at the peak and at the end.</summary>
    public static IReadOnlyList<SampleReport> Read(ProxyGoldCurve curve, string samples, IReadOnlyList<int> chosen)
    {
        var (first, last) = (curve.Evaluations[0].Step, curve.Evaluations[^1].Step);
        var (start, end) = (Rows(samples, first), Rows(samples, last));
        var peak = curve.Peak is { } best ? (best.Step, Rows: Rows(samples, best.Step)) : (0, null);
        return
        [
            .. chosen.Where(i => i < start.Count && i < end.Count).Select(i => new SampleReport(
                PromptOf(start[i]), Answer(start[i], first), peak.Rows is { } rows && i < rows.Count ? Answer(rows[i], peak.Step) : null, Answer(end[i], last))),
        ];
    }

    private static List<JsonObject> Rows(string folder, long step)
    {
        var path = PolicySamples.FileOf(folder, step);
        try
        {
            return File.Exists(path) ? [.. File.ReadLines(path).Select(line => JsonNode.Parse(line)!.AsObject())] : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: it holds no answers as a ppo stage writes them: {e.Message}", e);
        }
    }

    private static double Gold(JsonObject row) => row["gold"]?.GetValue<double>() ?? 0;

    private static AnswerReport Answer(JsonObject row, long step) => new(
        row["response"]?.GetValue<string>() ?? "", step, row["proxy"]?.GetValue<double>() ?? double.NaN, row["gold"]?.GetValue<double>(), row["ended"]?.GetValue<bool>() ?? true);

    private static string PromptOf(JsonObject row)
    {
        var prompt = row["prompt"] is JsonArray turns ? string.Join('\n', turns.Select(turn => $"{turn?["role"]}: {turn?["content"]}")) : row["prompt"]?.ToString() ?? "";
        return row["input"] is { } input ? $"{prompt}\n{input}" : prompt;
    }
}
