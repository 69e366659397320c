using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli;

/// <summary>A template that a model was trained with goes with the model: scoring reads texts as training did without being told.</summary>
public sealed class TemplateTravelTests : IDisposable
{
    private const string Jinja = "{{ bos_token }} {% for m in messages %}{{ m.content }} {{ eos_token }} {% endfor %}";
    private const double Close = 1e-5;
    private readonly TinyModels _models = new();

    [Fact]
    public void Reward_ChatTemplateFile_IsTheTrainedModelsOwn()
    {
        var trained = Train(Write("chat.jinja", Jinja));
        Assert.Equal(Jinja, File.ReadAllText(Path.Combine(trained, "chat_template.jinja")));
        Assert.Equal("chat", (string?)Record(trained)["template"]);
        Assert.False((bool)Record(trained)["append_eos"]!);
        AssertScoresAs(trained, "w01 w05 w06 w02 w07 w08 w02");
    }

    [Fact]
    public void Reward_ConversationOfSeveralTurns_IsRenderedWhole()
    {
        var trained = Train(Write("chat.jinja", Jinja));
        var pair = CommandRun.Reading("""{"prompt": [{"role": "user", "content": "w05"}, {"role": "assistant", "content": "w09"}, {"role": "user", "content": "w06"}], "response": "w07"}""", "score", "--model", trained);
        Assert.Equal(Score(trained, """{"text": "w01 w05 w02 w09 w02 w06 w02 w07 w02"}"""), (double)Assert.Single(TinyModels.Parse(pair.Output))["score"]!, Close);
    }

    [Fact]
    public void Reward_PlainFormatOfOnesOwn_IsRecordedWhole()
    {
        var trained = Train(Write("own.json", """{"name": "own", "user": "w10 {content} ", "assistant": "w11 {content}"}"""));
        Assert.Equal("w10 {content} ", (string?)Record(trained)["template"]!["user"]);
        AssertScoresAs(trained, "w10 w05 w06 w11 w07 w08 w02");
        Assert.Contains("own", CommandRun.Of("inspect", trained).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_ChatTemplate_AsksWithIt()
    {
        var model = _models.Language();
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), Jinja);
        File.WriteAllText(Path.Combine(model, "tokenizer_config.json"), """{"bos_token": "w01", "eos_token": "w02"}""");
        string[] settings = ["generate", "--model", model, "--greedy", "--max-new-tokens", "5"];
        var chat = CommandRun.Reading("""{"prompt": "w05 w06"}""", [.. settings, "--template", "chat"]);
        var plain = CommandRun.Reading("""{"prompt": "w01 w05 w06 w02"}""", settings);
        Assert.Equal(Assert.Single(TinyModels.Parse(plain.Output))["ids"]!.ToJsonString(), Assert.Single(TinyModels.Parse(chat.Output))["ids"]!.ToJsonString());
    }

    public void Dispose() => _models.Dispose();

    private string Train(string template)
    {
        var model = _models.Language();
        File.WriteAllText(Path.Combine(model, "tokenizer_config.json"), """{"bos_token": "w01", "eos_token": "w02"}""");
        var rows = Enumerable.Range(0, 6).Select(i => $$"""{"prompt": "{{TinyModels.Words(i, 3)}}", "chosen": "{{TinyModels.Words(i + 10, 3)}}", "rejected": "{{TinyModels.Words(i + 20, 4)}}"}""");
        var run = CommandRun.Of("reward", "--model", model, "--data", _models.Rows("pairs.jsonl", [.. rows]), "--template", template, "--output", _models.Folder["run"], "--set", "epochs=1", "--set", "batch_size=3", "--set", "held_out=0");
        Assert.True(run.Code == 0, run.Error);
        return _models.Folder["run/model"];
    }

    private static void AssertScoresAs(string model, string text) =>
        Assert.Equal(Score(model, $$"""{"text": "{{text}}"}"""), Score(model, """{"prompt": "w05 w06", "response": "w07 w08"}"""), Close);

    private static double Score(string model, string row) => (double)Assert.Single(TinyModels.Parse(CommandRun.Reading(row, "score", "--model", model).Output))["score"]!;

    private static JsonNode Record(string model) => JsonNode.Parse(File.ReadAllText(Path.Combine(model, "reward.json")))!;

    private string Write(string name, string text)
    {
        File.WriteAllText(_models.Folder[name], text);
        return _models.Folder[name];
    }
}
