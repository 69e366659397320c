using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Tokenization;

namespace UmmRm.Cli;

/// <summary>An evaluation as RewardBench's two files: the summary NAME.json and the pairs NAME_all.jsonl.</summary>
internal static class RewardBenchFiles
{
    /// <summary>Writes both files, each whole or not at all.</summary>
    /// <param name="path">NAME.json, or NAME.</param>
    /// <param name="model">What was evaluated.</param>
    /// <param name="template">How it read texts; null where that was not by a template.</param>
    /// <param name="rows">The pairs.</param>
    /// <param name="scores">Their scores.</param>
    public static void Write(string path, string model, PromptTemplate? template, IReadOnlyList<PreferenceRow> rows, PairScores scores)
    {
        var result = new RewardBenchResult
        {
            Model = model,
            Tokenizer = model,
            ChatTemplate = template?.Name,
            Rows = [.. rows.Select((row, i) => Row(row, template ?? PlainTemplate.Raw, scores.Chosen[i], scores.Rejected[i]))],
        };
        var name = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path[..^".json".Length] : path;
        WriteLines($"{name}_all.jsonl", result.Lines());
        WriteLines($"{name}.json", [result.Summary()]);
    }

    private static RewardBenchRow Row(PreferenceRow row, PromptTemplate template, double chosen, double rejected)
    {
        var pair = row.Pair;
        return new RewardBenchRow(
            pair.Prompt is { Turns: [{ Role: "user" } turn], Input: null } ? turn.Content : template.Render(pair.Prompt).Text,
            template.Render(pair.Prompt, pair.Chosen, pair.ChosenEnded).Text,
            template.Render(pair.Prompt, pair.Rejected, pair.RejectedEnded).Text,
            chosen,
            rejected,
            row.Row.Fields.Where(field => field.Value is not null && field.Key is not ("chosen" or "rejected")).ToDictionary(field => field.Key, field => Text(field.Value!)));
    }

    private static string Text(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static void WriteLines(string path, IEnumerable<string> lines)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new StreamWriter(temporary) { NewLine = "\n" })
            {
                foreach (var line in lines)
                    file.WriteLine(line);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
