using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Models;
using UmmRm.Reports;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>The README.md of an exported model: what it is, how it reads texts, and from the records beside it recipe, data, accuracy with intervals and merge coefficients. What no record says is said to be unknown.</summary>
internal static class ModelCard
{
    /// <summary>The card's text.</summary>
    /// <param name="model">The model's folder, in or outside a run folder.</param>
    /// <param name="exported">The exported config.json.</param>
    /// <param name="content">Its title, and the accuracy to report.</param>
    /// <param name="constantLeftOut">See <see cref="ExportReport"/>.</param>
    /// <param name="roundingLoss">See <see cref="ExportReport"/>.</param>
    /// <exception cref="InvalidDataException">A record is damaged.</exception>
    public static string Of(string model, HuggingFaceConfig exported, CardContent content, double constantLeftOut, double roundingLoss)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(model));
        var (stage, run) = (Path.GetFileName(full), Path.GetDirectoryName(full) ?? full);
        var text = new StringBuilder("---\npipeline_tag: text-classification\nlibrary_name: transformers\ntags:\n- reward-model\n---\n");
        text.Append(CultureInfo.InvariantCulture, $"# {content.Title ?? stage}\n\nA reward model ({exported.Architecture}): it gives a text one number, the raw logit; higher is better. {Shape(exported.Model)}\n");
        Reading(text, RewardMetadata.Read(model), exported.Model);
        Notes(text, constantLeftOut, roundingLoss);
        Origin(text, run);
        Accuracy(text, content.Accuracy, run, stage);
        Merge(text, MergeRecord.Read(model));
        return text.ToString();
    }

    private static string Shape(ModelConfig model) => model.Moe is { } moe
        ? $"An unmerged mixture: 1 shared and {moe.RoutedExperts} routed experts a layer, of which each token visits {moe.TopK}."
        : "A dense model of the original architecture.";

    private static void Reading(StringBuilder text, RewardMetadata? reward, ModelConfig model)
    {
        text.Append("\n## How it reads texts\n\n");
        text.Append(reward is null
            ? "No reward.json lies beside the model: which template it was trained with is not recorded.\n"
            : string.Create(CultureInfo.InvariantCulture, $"Template `{reward.TemplateName}`, {(reward.AppendEos ? "the end-of-text token appended where it is missing" : "nothing appended")}, {(reward.MaxLength is { } most ? $"at most {most} tokens" : "any length")}.\n"));
        text.Append(CultureInfo.InvariantCulture, $"Padding token id {model.PadTokenId}; the reward is read at the last token that is not padding.\n");
    }

    private static void Notes(StringBuilder text, double constantLeftOut, double roundingLoss)
    {
        if (constantLeftOut != 0)
            text.Append(CultureInfo.InvariantCulture, $"\nThe original head adds {constantLeftOut:G6} to every score; this format has no place for it, so scores here are lower by that. Differences between scores are the same.\n");
        if (roundingLoss != 0)
            text.Append(CultureInfo.InvariantCulture, $"\nThe experts' down projections were scaled and rounded to the stored element type: relative error {roundingLoss:0.0e+0}.\n");
    }

    private static void Origin(StringBuilder text, string run)
    {
        text.Append("\n## Recipe and data\n\n");
        var (record, recipe) = (Path.Combine(run, RunRecord.FileName), Path.Combine(run, "recipe.resolved.yaml"));
        if (!File.Exists(record))
            text.Append("No run record (run.json) lies beside the model: recipe and data are not recorded.\n");
        else if (JsonText.ReadObject(record) is var json)
        {
            text.Append(CultureInfo.InvariantCulture, $"Run `{json["recipe"]}`, seed {json["seed"]}, begun {json["started"]}, made with {string.Join(", ", Pairs(json["versions"]).Select(pair => $"{pair.Key} {pair.Value}"))}.\n");
            foreach (var (path, hash) in Pairs(json["inputs"]))
                text.Append(CultureInfo.InvariantCulture, $"- read: `{Path.GetFileName(path)}`, SHA-256 {hash}\n");
        }
        if (File.Exists(recipe))
            text.Append(CultureInfo.InvariantCulture, $"\n```yaml\n{PortableRecipe.Of(File.ReadAllText(recipe), recipe).TrimEnd()}\n```\n");
    }

    private static void Accuracy(StringBuilder text, string? given, string run, string stage)
    {
        text.Append("\n## Pairwise accuracy\n\n");
        var results = given is not null ? [(Path.GetFileName(given), Read(given))] : OfRun(run, stage).ToList();
        if (results.Count == 0)
        {
            text.Append("Not recorded beside the model.\n");
            return;
        }
        var table = new ResultTable(new TableColumn("pairs"), new TableColumn("number"), new TableColumn("accuracy"), new TableColumn("95 % interval"), new TableColumn("longer answer wins"));
        foreach (var (set, result) in results)
            table.Add(set, $"{result.Pairs}", Number(result.Accuracy), $"{Number(result.Interval.Low)} to {Number(result.Interval.High)}", Number(result.LengthBaseline));
        text.Append(table.ToMarkdown());
    }

    private static IEnumerable<(string Set, PairwiseAccuracy Result)> OfRun(string run, string stage) =>
        !File.Exists(Path.Combine(run, RunRecord.FileName)) ? [] :
        from folder in Directory.EnumerateDirectories(run).Order(StringComparer.Ordinal)
        let file = Path.Combine(folder, "results.json")
        where File.Exists(file) && File.Exists(Path.Combine(folder, "stage.json"))
        from result in AccuracyResult.ReadAll(file)
        where result.Model == stage
        select (result.Set, result.Accuracy);

    private static PairwiseAccuracy Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PairwiseAccuracy>(File.ReadAllText(path)) ?? throw new InvalidDataException($"{path}: expected the object that eval --json prints");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: it is not what eval --json prints: {e.Message}", e);
        }
    }

    private static void Merge(StringBuilder text, MergeRecord? merge)
    {
        if (merge is null)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n## Merge\n\nMerged from a mixture, method `{merge.Method}`; shares of the routed experts by layer:\n\n");
        foreach (var (layer, shares) in merge.Coefficients.Index())
            text.Append(CultureInfo.InvariantCulture, $"- layer {layer}: {string.Join(' ', shares.Select(Number))}\n");
        if (merge is { LossBefore: { } before, LossAfter: { } after })
            text.Append(CultureInfo.InvariantCulture, $"\nLoss on the calibration pairs {before:0.0000} before, {after:0.0000} after.\n");
    }

    private static IEnumerable<(string Key, string Value)> Pairs(JsonNode? node) => node is JsonObject json ? json.Select(pair => (pair.Key, $"{pair.Value}")) : [];

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
