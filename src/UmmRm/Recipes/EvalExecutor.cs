using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Reports;

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
        var authors = Authors(stage, context);
        var memory = new ScoreMemory();
        var results = new List<AccuracyResult>();
        foreach (var (set, input) in stage.Data)
        {
            var pairs = context.Fitting(stage, stage.Models[0], context.ReadPairs(stage, input).Rows, $"pairs of {set}");
            var scores = Score(stage, context, memory, set, pairs);
            var identity = authors is not null && HaveAuthors(pairs) ? authors.Outcomes(pairs.Select(AuthorsOf)) : null;
            results.AddRange(stage.Models.Select(model => new AccuracyResult(model.ToString(), set, Measure(stage, context, model, scores, identity))));
        }
        File.WriteAllText(context.Output(), new JsonArray([.. results.Select(r => r.ToJson())]).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        File.WriteAllText(Path.Combine(context.Folder, "results.md"), AccuracyTable.Of(results).ToMarkdown());
        foreach (var warning in results.Where(r => r.Accuracy.BelowChance))
            context.Warn($"ALARM: {warning.Model} is below chance on {warning.Set}: {warning.Accuracy.Accuracy:.000}");
    }

    private static Dictionary<InputReference, PairScores> Score(EvalStage stage, StageContext context, ScoreMemory memory, string set, IReadOnlyList<PreferencePair> pairs)
    {
        IReadOnlyList<Completion> sides = [.. pairs.Select(p => new Completion(p.Prompt, p.Chosen, p.ChosenEnded)), .. pairs.Select(p => new Completion(p.Prompt, p.Rejected, p.RejectedEnded))];
        var scores = new Dictionary<InputReference, PairScores>();
        foreach (var (index, model) in stage.Models.Index())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var reward = RewardFunctions.Open(context.PathOf(model), model.ToString(),
                (folder, name) => memory.Of(folder, name, () => RewardFunctions.Open(folder, name, stage.Encoder, stage.Precision, stage.TokenBudget)));
            var values = reward.Score(sides, context.Cancellation);
            scores[model] = new PairScores(pairs, values[..pairs.Count], values[pairs.Count..]);
            context.Progress?.Report(new ProgressReport($"{stage.Name}, {set}", index + 1, stage.Models.Count, "models", model.ToString()));
        }
        return scores;
    }

    private static PairwiseAccuracy Measure(EvalStage stage, StageContext context, InputReference model, Dictionary<InputReference, PairScores> scores, double[]? identity)
    {
        var accuracy = PairwiseAccuracy.Measure(scores[model], identity, context.Seed);
        return stage.Against is null || stage.Against == model ? accuracy : accuracy with { Against = AccuracyComparison.Of(scores[model], scores[stage.Against], context.Seed) };
    }

    private static ModelIdentityBaseline? Authors(EvalStage stage, StageContext context)
    {
        if (stage.Authors is not { } input)
            return null;
        var pairs = context.ReadPairs(stage, input).Rows;
        return HaveAuthors(pairs)
            ? ModelIdentityBaseline.Fit(pairs.Select(AuthorsOf))
            : throw new InvalidDataException($"{input.Path}: authors needs the columns chosen_model and rejected_model in every row; name them with columns, or leave authors out");
    }

    private static bool HaveAuthors(IReadOnlyList<PreferencePair> pairs) => pairs.All(pair => pair.Attributes.ContainsKey("chosen_model") && pair.Attributes.ContainsKey("rejected_model"));

    private static (string Chosen, string Rejected) AuthorsOf(PreferencePair pair) => (pair.Attributes["chosen_model"], pair.Attributes["rejected_model"]);
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
