using System.Text.Json;
using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Serving;

/// <summary>vLLM's and SGLang's paths for pooling models. The answer is the raw logit unless the client asks for an activation.</summary>
internal static class VllmProtocol
{
    /// <summary><c>/classify</c>: vLLM's <c>input</c> or <c>messages</c> gives <c>data[i].probs</c>; SGLang's <c>text</c> gives <c>[{"embedding": [r]}]</c>.</summary>
    public static Ask Classify(JsonElement body) => body.Field("text", "input_ids") is null
        ? Data(body, "list", (json, answer, i) =>
        {
            json.WriteString("label", "LABEL_0");
            WriteOne(json, "probs", answer.Scores[i].Score);
            json.WriteNumber("num_classes", 1);
        })
        : SGLang(body);

    /// <summary><c>/pooling</c>: <c>data[i].data</c> is the reward, as a list of one.</summary>
    public static Ask Pooling(JsonElement body) => Data(body, "list", (json, answer, i) =>
    {
        json.WriteString("object", "pooling");
        WriteOne(json, "data", answer.Scores[i].Score);
    });

    /// <summary><c>/v1/embeddings</c>: verl reads a reward from an SGLang server there, as an embedding of one component.</summary>
    public static Ask Embeddings(JsonElement body) => Data(body, "list", (json, answer, i) =>
    {
        json.WriteString("object", "embedding");
        WriteOne(json, "embedding", answer.Scores[i].Score);
    });

    /// <summary><c>/score</c>: each query is a prompt, each document a response to it, rendered by the model's template; one query may stand for all documents.</summary>
    public static Ask Score(JsonElement body)
    {
        if (body.Field("queries", "text_1", "data_1") is null && body.Field("query") is not null)
            throw RequestException.Unprocessable("queries is missing, and query is OpenRLHF's, which is answered at / and at --reward-path (/get_reward): send it there");
        var queries = body.Required("queries", "text_1", "data_1").OneOrMore("queries");
        var documents = body.Required("documents", "items", "text_2", "data_2").OneOrMore("documents");
        if (queries.Count != documents.Count && queries.Count != 1)
            throw RequestException.Unprocessable($"there are {queries.Count} queries and {documents.Count} documents; expected one query, or one for each document");
        var texts = documents.Select((document, i) => new AskedText { Completion = new Completion(Conversation.FromPrompt(queries[queries.Count == 1 ? 0 : i]), document) });
        return Data(body, [.. texts], "list", (json, answer, i) =>
        {
            json.WriteString("object", "score");
            json.WriteNumber("score", answer.Scores[i].Score);
        });
    }

    private static Ask SGLang(JsonElement body)
    {
        var text = body.Required("text", "input_ids");
        var single = text.ValueKind == JsonValueKind.String || (text.ValueKind == JsonValueKind.Array && text.GetArrayLength() > 0 && text[0].ValueKind == JsonValueKind.Number);
        return new Ask(body.Model(), text.Input("text", addSpecialTokens: true), (json, answer) =>
        {
            if (!single)
                json.WriteStartArray();
            foreach (var score in answer.Scores)
            {
                json.WriteStartObject();
                WriteOne(json, "embedding", score.Score);
                answer.WriteDetails(json, score);
                json.WriteEndObject();
            }
            if (!single)
                json.WriteEndArray();
        });
    }

    private static Ask Data(JsonElement body, string kind, Action<Utf8JsonWriter, Answer, int> writeItem)
    {
        var texts = body.Field("messages") is { } messages ? [messages.Conversation("messages")] : body.Required("input").Input("input", body.Flag("add_special_tokens") ?? true);
        return Data(body, texts, kind, writeItem);
    }

    private static Ask Data(JsonElement body, IReadOnlyList<AskedText> texts, string kind, Action<Utf8JsonWriter, Answer, int> writeItem) => new(body.Model(), texts, (json, answer) =>
    {
        json.WriteStartObject();
        json.WriteString("id", $"{kind}-{answer.Id}");
        json.WriteString("object", kind);
        json.WriteNumber("created", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        json.WriteString("model", answer.Model);
        json.WriteStartArray("data");
        for (var i = 0; i < answer.Scores.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index", i);
            writeItem(json, answer, i);
            answer.WriteDetails(json, answer.Scores[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", answer.Tokens);
        json.WriteNumber("total_tokens", answer.Tokens);
        json.WriteNumber("completion_tokens", 0);
        json.WriteEndObject();
        json.WriteEndObject();
    })
    { Sigmoid = body.Flag("use_activation", "activation") ?? false };

    private static void WriteOne(Utf8JsonWriter json, string property, double value)
    {
        json.WriteStartArray(property);
        json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
