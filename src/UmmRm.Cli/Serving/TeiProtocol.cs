using System.Text.Json;
using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Serving;

/// <summary>
/// Text Embeddings Inference's <c>/predict</c>. <c>inputs</c> is one text, or a flat list that is ONE pair of texts, or a batch of lists of one or two texts. A pair is a
/// prompt and its response. Raw scores, unless <c>raw_scores</c> is false.
/// </summary>
internal static class TeiProtocol
{
    /// <summary>Reads a request.</summary>
    public static Ask Predict(JsonElement body)
    {
        var inputs = body.Required("inputs");
        var batch = inputs.ValueKind == JsonValueKind.Array && inputs.EnumerateArray().All(input => input.ValueKind == JsonValueKind.Array);
        IReadOnlyList<AskedText> texts = batch ? [.. inputs.EnumerateArray().Select((input, i) => Read(input, $"inputs[{i}]"))] : [Read(inputs, "inputs")];
        return new Ask(body.Model(), texts, (json, answer) =>
        {
            if (batch)
                json.WriteStartArray();
            foreach (var score in answer.Scores)
            {
                json.WriteStartArray();
                json.WriteStartObject();
                json.WriteNumber("score", score.Score);
                json.WriteString("label", "LABEL_0");
                answer.WriteDetails(json, score);
                json.WriteEndObject();
                json.WriteEndArray();
            }
            if (batch)
                json.WriteEndArray();
        })
        { Sigmoid = body.Flag("raw_scores") == false };
    }

    private static AskedText Read(JsonElement input, string name) => input.OneOrMore(name) switch
    {
        [var text] => new AskedText { Text = text },
        [var prompt, var response] => new AskedText { Completion = new Completion(Conversation.FromPrompt(prompt), response) },
        var others => throw RequestException.Unprocessable($"{name} has {others.Count} texts; a flat list is one pair of texts, and a batch is a list of lists: [[\"a\"], [\"b\"]]"),
    };
}
