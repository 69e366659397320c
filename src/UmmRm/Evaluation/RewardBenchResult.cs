using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Evaluation;

/// <summary>An evaluation in the words of RewardBench's files: a summary as JSON and a row a pair as JSON lines (by its convention <c>NAME.json</c> and <c>NAME_all.jsonl</c>).</summary>
public sealed record RewardBenchResult
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The evaluated model's name or path.</summary>
    public required string Model { get; init; }

    /// <summary>The reference model of an implicit reward; null for an ordinary reward model.</summary>
    public string? ReferenceModel { get; init; }

    /// <summary>The tokenizer's name or path.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>The chat template's name; null for the tokenizer's own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The pairs in the data set's order; at least one.</summary>
    public required IReadOnlyList<RewardBenchRow> Rows { get; init; }

    /// <summary>The summary: accuracy, number of pairs, model, tokenizer, template, and the accuracy of every subset (null where no row names one).</summary>
    public string Summary()
    {
        var subsets = Rows.Where(row => row.Columns.ContainsKey("subset")).GroupBy(row => row.Columns["subset"])
            .OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        return new JsonObject
        {
            ["accuracy"] = Accuracy(Rows),
            ["num_prompts"] = Rows.Count,
            ["model"] = Model,
            ["ref_model"] = ReferenceModel,
            ["tokenizer"] = Tokenizer,
            ["chat_template"] = ChatTemplate,
            ["extra_results"] = subsets.Count == 0 ? null : new JsonObject(subsets.Select(subset => KeyValuePair.Create(subset.Key, (JsonNode?)Accuracy(subset)))),
        }.ToJsonString(Readable);
    }

    /// <summary>The rows, a JSON object each; a column of the data set that has one of RewardBench's names gives way to RewardBench's.</summary>
    public IEnumerable<string> Lines() => Rows.Select(row =>
    {
        var line = new JsonObject
        {
            ["prompt"] = row.Prompt,
            ["results"] = row.IsRight ? 1 : 0,
            ["scores_chosen"] = row.ScoreChosen,
            ["scores_rejected"] = row.ScoreRejected,
            ["text_chosen"] = row.TextChosen,
            ["text_rejected"] = row.TextRejected,
        };
        foreach (var (name, value) in row.Columns)
            line.TryAdd(name, value);
        return line.ToJsonString(Readable);
    });

    private static double Accuracy(IEnumerable<RewardBenchRow> rows) => rows.Average(row => row.IsRight ? 1.0 : 0.0);
}
