using System.Text.Json;

namespace UmmRm.Cli.Serving;

/// <summary>The protocols of trainers that ask for a reward by URL. Their texts carry special tokens already: none are added.</summary>
internal static class TrainerProtocols
{
    /// <summary>OpenRLHF's <c>--remote_rm_url</c>: <c>{"query": [text], "prompts", "labels"}</c> gives <c>{"rewards", "scores", "extra_logs"}</c>.</summary>
    public static Ask OpenRlhf(JsonElement body) => new(body.Model(), Texts(body.Required("query").TextList("query")), (json, answer) =>
    {
        json.WriteStartObject();
        answer.WriteScores(json, "rewards");
        answer.WriteScores(json, "scores");
        json.WriteStartObject("extra_logs");
        answer.WriteDetailLists(json);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>LLaMA-Factory's <c>reward_model_type: api</c>: <c>{"model", "messages": [text]}</c> gives <c>{"id", "object", "model", "scores"}</c>.</summary>
    public static Ask LlamaFactory(JsonElement body) => new(body.Model(), Texts(body.Required("messages").TextList("messages")), (json, answer) =>
    {
        json.WriteStartObject();
        json.WriteString("id", $"scoreval-{answer.Id}");
        json.WriteString("object", "score.evaluation");
        json.WriteString("model", answer.Model);
        answer.WriteScores(json, "scores");
        answer.WriteDetailLists(json);
        json.WriteEndObject();
    });

    private static IReadOnlyList<AskedText> Texts(IReadOnlyList<string> texts) => [.. texts.Select(text => new AskedText { Text = text, AddSpecialTokens = false })];
}
