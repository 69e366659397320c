using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Reports;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>
/// Pairwise accuracy of every model on every data set: results.json with all numbers, results.md with the table. All models are measured on the
/// same pairs, those whose sides fit every model's limit.
/// </summary>
public sealed class EvalExecutor : IStageExecutor<EvalStage>
{
    /// <inheritdoc/>
    public void Execute(EvalStage stage, StageContext context)
    {
        var sets = stage.Data.ToDictionary(entry => entry.Key, entry => context.ReadPairs(stage, entry.Value).Rows);
        var scores = new Dictionary<(string Model, string Set), PairScores>();
        foreach (var (index, input) in stage.Models.Index())
        {
            var reward = RewardFunctions.Open(context.PathOf(input), input.ToString(), stage.Encoder, stage.Precision, stage.TokenBudget);
            foreach (var (name, pairs) in sets)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var fitting = index == 0 ? sets[name] = Fitting(context, stage, reward, pairs, name) : pairs;
                scores[(input.ToString(), name)] = Score(reward, fitting, context.Cancellation);
            }
            context.Progress?.Report(new ProgressReport(stage.Name, index + 1, stage.Models.Count, "models", input.ToString()));
        }
        var results = Results(stage, context, sets.Keys, scores);
        File.WriteAllText(context.Output(), new JsonArray([.. results.Select(r => r.ToJson())]).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        var table = AccuracyTable.Of(results);
        File.WriteAllText(Path.Combine(context.Folder, "results.md"), table.ToMarkdown());
        foreach (var warning in results.Where(r => r.Accuracy.BelowChance))
            context.Note($"ALARM: {warning.Model} is below chance on {warning.Set}: {warning.Accuracy.Accuracy:.000}");
    }

    private static PairScores Score(IRewardFunction reward, IReadOnlyList<PreferencePair> pairs, CancellationToken cancellation)
    {
        var sides = reward.Score([.. pairs.Select(p => new Completion(p.Prompt, p.Chosen, p.ChosenEnded)), .. pairs.Select(p => new Completion(p.Prompt, p.Rejected, p.RejectedEnded))], cancellation);
        return new PairScores(pairs, sides[..pairs.Count], sides[pairs.Count..]);
    }

    /// <summary>The pairs that fit the limit of the first model (all share tokenizer and limit in a recipe); the others are dropped and counted.</summary>
    private static IReadOnlyList<PreferencePair> Fitting(StageContext context, EvalStage stage, IRewardFunction reward, IReadOnlyList<PreferencePair> pairs, string name)
    {
        if (reward is not ModelReward { Encoder: var encoder })
            return pairs;
        return [.. context.EncodePairs(encoder, pairs, $"pairs of {name}").Select(pair => pairs[pair.Index])];
    }

    private static List<AccuracyResult> Results(EvalStage stage, StageContext context, IEnumerable<string> sets, Dictionary<(string Model, string Set), PairScores> scores) =>
    [
        .. from input in stage.Models
           from set in sets
           let own = scores[(input.ToString(), set)]
           let accuracy = PairwiseAccuracy.Measure(own, seed: context.Seed)
           select new AccuracyResult(input.ToString(), set, stage.Against is null || stage.Against == input
               ? accuracy
               : accuracy with { Against = AccuracyComparison.Of(own, scores[(stage.Against.ToString(), set)], context.Seed) }),
    ];
}

/// <summary>One model on one data set.</summary>
/// <param name="Model">The model's name in the recipe.</param>
/// <param name="Set">The data set's name in the recipe.</param>
/// <param name="Accuracy">What was measured.</param>
public sealed record AccuracyResult(string Model, string Set, PairwiseAccuracy Accuracy)
{
    /// <summary>The result as an object: model, set, and the document of <c>eval --json</c>.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["model"] = Model, ["set"] = Set };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(Accuracy)!.AsObject().ToList())
            json[key] = value?.DeepClone();
        return json;
    }

    /// <summary>Reads what an eval stage wrote.</summary>
    public static IReadOnlyList<AccuracyResult> ReadAll(string path) =>
        [.. JsonNode.Parse(File.ReadAllText(path))!.AsArray().Select(node => new AccuracyResult(node!["model"]!.GetValue<string>(), node["set"]!.GetValue<string>(), node.Deserialize<PairwiseAccuracy>()!))];
}
