using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli;

public sealed class GenerateCommandTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public void Generate_Greedy_GivesTheReferenceIdsAndTheirText()
    {
        using var expected = new GoldenTensors("models", "llama-gqa", "expected.safetensors");
        var prompts = Rows(expected["generate.prompt_ids"]);
        var continuations = Rows(expected["generate.greedy_new_ids"]);
        var input = _models.Rows("prompts.jsonl", [.. prompts.Select((ids, i) => new JsonObject { ["id"] = i, ["prompt"] = Text(ids), ["note"] = "kept" }.ToJsonString())]);
        var run = CommandRun.Of("generate", "--model", _models.Language(), "--input", input, "--greedy", "--max-new-tokens", "24");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var rows = TinyModels.Parse(run.Output);
        Assert.Equal(continuations, rows.Select(Ids));
        foreach (var (row, ids) in rows.Zip(continuations))
        {
            var ended = ids[^1] == 2;
            Assert.Equal(ended ? ["id", "prompt", "note", "response", "ids"] : ["id", "prompt", "note", "response", "ids", "ended"], row.Select(field => field.Key));
            Assert.Equal(Text(ended ? ids[..^1] : ids), (string)row["response"]!);
            Assert.Equal(ended, row["ended"] is null);
        }
    }

    [Fact]
    public void Generate_Sampling_RepeatsWithItsSeedAndDiffersWithAnother()
    {
        var input = _models.Rows("prompts.jsonl", [.. Enumerable.Range(0, 5).Select(_ => "{\"prompt\": \"w01 w05 w09\"}")]);
        var model = _models.Language();
        int[][] Drawn(string seed) => [.. TinyModels.Parse(CommandRun.Of("generate", "--model", model, "--input", input, "--temperature", "1.5", "--top-p", "0.95", "--max-new-tokens", "12", "--seed", seed).Output).Select(Ids)];
        var first = Drawn("1");
        Assert.Equal(5, first.Length);
        Assert.Equal(first, Drawn("1"));
        Assert.NotEqual(first, Drawn("2"));
        Assert.NotEqual(first[0], first[1]); // equal prompts, different rows
    }

    [Fact]
    public void Generate_ToAFile_WritesItWholeAndSaysSo()
    {
        var output = _models.Folder["answers.jsonl"];
        var run = CommandRun.Reading("{\"prompt\": \"w05\"}\n{\"prompt\": \"w06 w07\"}\n", "generate", "--model", _models.Language(), "--greedy", "--max-new-tokens", "3", "--output", output, "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal((output, 2L), ((string)JsonNode.Parse(run.Output)!["output"]!, (long)JsonNode.Parse(run.Output)!["rows"]!));
        Assert.Equal(2, TinyModels.Parse(File.ReadAllText(output)).Length);
    }

    [Fact]
    public void Generate_PromptThatLeavesNoRoom_IsNamedAndNothingIsWritten()
    {
        var output = _models.Folder["answers.jsonl"];
        var run = CommandRun.Reading($"{{\"prompt\": \"{TinyModels.Words(1, 120)}\"}}", "generate", "--model", _models.Language(), "--max-new-tokens", "9", "--output", output);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("-:1: the prompt has 120 tokens; with 9 new ones it must fit the model's 128 positions", run.Error, StringComparison.Ordinal);
        Assert.Equal(["llama-gqa-lm"], _models.Folder.Entries);
    }

    [Fact]
    public void Generate_RewardModel_IsRefused()
    {
        var run = CommandRun.Reading("{\"prompt\": \"w05\"}", "generate", "--model", _models.Reward(), "--greedy");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("holds a reward model", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_GreedyWithATemperature_IsWrongUsage()
    {
        var run = CommandRun.Of("generate", "--model", "a", "--greedy", "--temperature", "0.5");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--greedy contradicts --temperature", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_PromptThatTheTemplateHasNoPlaceFor_IsNamedWithATemplateThatHas()
    {
        var run = CommandRun.Reading("""{"prompt": [{"role": "system", "content": "w05"}, {"role": "user", "content": "w06"}]}""", "generate", "--model", _models.Language());
        Assert.Equal(1, run.Code);
        Assert.Contains("-:1: template 'raw' renders one user turn only", run.Error, StringComparison.Ordinal);
        Assert.Contains("or chat where the model has a chat template", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();

    private static int[] Ids(JsonObject row) => [.. row["ids"]!.AsArray().Select(id => (int)id!)];

    private static string Text(IEnumerable<int> ids) => string.Join(' ', ids.Select(id => $"w{id:00}"));

    private static List<int[]> Rows(TorchSharp.torch.Tensor padded) =>
        [.. Enumerable.Range(0, (int)padded.shape[0]).Select(row => padded[row].data<long>().Where(id => id != 0).Select(id => (int)id).ToArray())];
}
