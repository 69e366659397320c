using System.Text.Json;

namespace UmmRm.Tests.Cli;

public sealed class InspectCommandTests
{
    private static readonly string Models = Repository.Golden("models");

    [Theory]
    [InlineData("rm")]
    [InlineData("rm-bfloat16", "BF16", 2)]
    public void Inspect_RewardModel_CountsParametersByTheClosedForm(string name, string type = "F32", int bytes = 4)
    {
        using var json = Json("inspect", Path.Combine(Models, "llama-gqa", name));
        var facts = json.RootElement;
        const int d = 32, m = 80, v = 96, keyValue = 2 * 8;
        const int parameters = (v * d) + (3 * ((2 * d * d) + (2 * keyValue * d) + (3 * d * m) + (2 * d))) + d + d;
        Assert.Equal("reward model", facts.GetProperty("kind").GetString());
        Assert.Equal("LlamaForSequenceClassification", facts.GetProperty("architecture").GetProperty("class").GetString());
        Assert.Equal(3, facts.GetProperty("architecture").GetProperty("num_hidden_layers").GetInt32());
        Assert.Equal(parameters, facts.GetProperty("parameters").GetInt64());
        Assert.Equal(parameters, facts.GetProperty("dtypes").GetProperty(type).GetInt64());
        Assert.Equal(bytes * parameters, facts.GetProperty("size").GetInt64());
        Assert.Equal(JsonValueKind.Null, facts.GetProperty("template").ValueKind);
        Assert.InRange(facts.GetProperty("memory_to_train").GetProperty("float32").GetInt64(), 16 * parameters, long.MaxValue);
        Assert.InRange(facts.GetProperty("memory_to_serve").GetProperty("bfloat16").GetInt64(), 2 * parameters, long.MaxValue);
    }

    [Fact]
    public void Inspect_ARunsFolder_NamesTheModelsBelow()
    {
        var run = CommandRun.Of("inspect", Path.Combine(Models, "llama-gqa"));
        Assert.Equal(1, run.Code);
        Assert.Contains($"below it there are {Path.Combine(Models, "llama-gqa", "lm")}, ", run.Error, StringComparison.Ordinal);
        Assert.Contains($"below it there are {Path.Combine(Models, "llama-gqa", "lm")}, ", CommandRun.Of("generate", "--model", Path.Combine(Models, "llama-gqa")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_NoRecordButAChatTemplate_SaysThatItIsReadBy()
    {
        using var models = new TinyModels();
        var model = models.Reward();
        Assert.Contains("texts are read by raw", CommandRun.Of("inspect", model).Output, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{{ messages[0].content }}");
        Assert.Contains("texts are read by its chat template", CommandRun.Of("inspect", model).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_Shards_ListTheTensorsOfTheSingleFile()
    {
        using var sharded = Json("inspect", Path.Combine(Models, "qwen2-tied", "lm-sharded"));
        using var single = Json("inspect", Path.Combine(Models, "qwen2-tied", "lm"));
        static IEnumerable<string> Tensors(JsonDocument json) => json.RootElement.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetRawText()).Order(StringComparer.Ordinal);
        Assert.Equal(Tensors(single), Tensors(sharded));
        Assert.NotEmpty(Tensors(single));
    }

    [Fact]
    public void Inspect_AFile_GivesEveryTensorWithTypeAndShapeAndTheMetadata()
    {
        using var json = Json("inspect", Repository.Golden("safetensors", "good-metadata.safetensors"));
        Assert.Equal("safetensors file", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal("pt", json.RootElement.GetProperty("metadata").GetProperty("format").GetString());
        using var types = Json("inspect", Repository.Golden("safetensors", "good-dtypes.safetensors"));
        var bfloat16 = types.RootElement.GetProperty("tensors").EnumerateArray().Single(tensor => tensor.GetProperty("name").GetString() == "bfloat16");
        Assert.Equal("BF16", bfloat16.GetProperty("dtype").GetString());
        Assert.Equal([3L, 5L], bfloat16.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
    }

    [Fact]
    public void Inspect_ForPeople_ShowsAlikeTensorsOnce()
    {
        var run = CommandRun.Of("inspect", Path.Combine(Models, "neox-parallel", "rm"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        var lines = run.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("kind reward model", lines);
        Assert.Contains("gpt_neox.layers.*.mlp.dense_4h_to_h.weight F32 [32, 128] 3", lines);
        Assert.Contains("score.weight F32 [1, 32] 1", lines);
    }

    [Theory]
    [InlineData]
    [InlineData("tokenizer.json")]
    public void Inspect_Tokenizer_GivesItsSpecialTokensAndWhatGoesAroundAText(params string[] file)
    {
        using var json = Json("inspect", Path.Combine([Repository.Golden("tokenizers", "llama3-like"), .. file]));
        var facts = json.RootElement;
        Assert.Equal("tokenizer", facts.GetProperty("kind").GetString());
        Assert.Equal([1512], facts.GetProperty("around_a_text").GetProperty("before").EnumerateArray().Select(id => id.GetInt32())); // the reference ids of the empty text
        Assert.Empty(facts.GetProperty("around_a_text").GetProperty("after").EnumerateArray());
        var special = facts.GetProperty("special_tokens").EnumerateArray().ToDictionary(token => token.GetProperty("id").GetInt32());
        Assert.Equal(("<|begin_of_text|>", "begin"), (special[1512].GetProperty("token").GetString(), special[1512].GetProperty("role").GetString()));
        using var stored = JsonDocument.Parse(File.ReadAllText(Repository.Golden("tokenizers", "llama3-like", "tokenizer.json")));
        Assert.Equal(
            stored.RootElement.GetProperty("added_tokens").EnumerateArray().Where(token => token.GetProperty("special").GetBoolean()).Select(token => token.GetProperty("id").GetInt32()).Order(),
            special.Keys.Order());
        Assert.False(facts.TryGetProperty("tensors", out _));
    }

    [Theory]
    [InlineData("chat_template.jinja", "{{ messages }}", 14)]
    [InlineData("tokenizer_config.json", """{"chat_template": "{{ m }}"}""", 7)]
    public void Inspect_ChatTemplate_IsFoundWhereverItIs(string file, string content, int characters)
    {
        var folder = Directory.CreateTempSubdirectory("inspect-").FullName;
        try
        {
            File.Copy(Repository.Golden("tokenizers", "llama3-like", "tokenizer.json"), Path.Combine(folder, "tokenizer.json"));
            File.WriteAllText(Path.Combine(folder, file), content);
            using var json = Json("inspect", folder);
            Assert.Equal((file, characters), (json.RootElement.GetProperty("chat_template").GetProperty("file").GetString(), json.RootElement.GetProperty("chat_template").GetProperty("characters").GetInt32()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("bad-hole.safetensors", "overlap")]
    [InlineData("bad-header-cut.safetensors", "bad-header-cut.safetensors")]
    public void Inspect_DamagedFile_IsOneMessageThatNamesIt(string name, string message)
    {
        var run = CommandRun.Of("inspect", Repository.Golden("safetensors", name), "--json");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains(name, run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    [Fact]
    public void Inspect_NothingThere_SaysWhatToName()
    {
        var run = CommandRun.Of("inspect", "/no/such/model");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.StartsWith("error: there is no /no/such/model: name a model folder", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_NoPath_IsWrongUsage()
    {
        var run = CommandRun.Of("inspect");
        Assert.Equal(2, run.Code);
        Assert.Contains("ummrm inspect --help", run.Error, StringComparison.Ordinal);
    }

    private static JsonDocument Json(params string[] arguments)
    {
        var run = CommandRun.Of([.. arguments, "--json"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return JsonDocument.Parse(run.Output);
    }
}
