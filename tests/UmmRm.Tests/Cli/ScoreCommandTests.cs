using System.Globalization;
using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Tests.Cli;

public sealed class ScoreCommandTests : IDisposable
{
    private const double Close = 1e-4;
    private readonly TinyModels _models = new();

    [Fact]
    public void Score_PromptAndResponse_IsTheModelsOwnScoreOfTheTextWithItsEnd()
    {
        var run = CommandRun.Reading("{\"id\": 7, \"prompt\": \"w05 w06 \", \"response\": \"w07 w08\", \"note\": \"é <b>\", \"big\": 12345678901234567890}\n", "score", "--model", _models.Reward());
        Assert.Equal((0, ""), (run.Code, run.Error));
        var row = Assert.Single(TinyModels.Parse(run.Output));
        Assert.Equal(["id", "prompt", "response", "note", "big", "score"], row.Select(field => field.Key));
        Assert.StartsWith("{\"id\":7,\"prompt\":\"w05 w06 \",\"response\":\"w07 w08\",\"note\":\"é <b>\",\"big\":12345678901234567890,\"score\":", run.Output, StringComparison.Ordinal);
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 6, 7, 8, 2), (double)row["score"]!, Close);
    }

    [Fact]
    public void Score_ResponseThatWasCut_GetsNoEnd()
    {
        var run = CommandRun.Reading("{\"prompt\": \"w05 w06 \", \"response\": \"w07 w08\", \"ended\": false}\n", "score", "--model", _models.Reward());
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 6, 7, 8), (double)Assert.Single(TinyModels.Parse(run.Output))["score"]!, Close);
    }

    [Fact]
    public void Score_Pairs_GetBothScoresWhereverTheSidesStand()
    {
        var run = CommandRun.Reading("{\"rejected\": \"w09\", \"chosen\": [{\"role\": \"assistant\", \"content\": \"w07\"}], \"prompt\": \"w05 \"}\n", "score", "--model", _models.Reward());
        Assert.Equal((0, ""), (run.Code, run.Error));
        var row = Assert.Single(TinyModels.Parse(run.Output));
        Assert.Equal(["rejected", "chosen", "prompt", "score_chosen", "score_rejected"], row.Select(field => field.Key));
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 7, 2), (double)row["score_chosen"]!, Close);
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 9, 2), (double)row["score_rejected"]!, Close);
    }

    [Fact]
    public void Score_Texts_AreTokenizedAsTheyStandAndMissingEndsAreCounted()
    {
        var run = CommandRun.Reading("{\"text\": \"w01 w05 w06\"}\n\n{\"text\": \"w01 w05 w02\"}\n{\"text\": \"w09\"}", "score", "--model", _models.Reward());
        Assert.Equal(0, run.Code);
        Assert.StartsWith("warning: 2 texts do not end", run.Error, StringComparison.Ordinal);
        double[] expected = [TinyModels.Score("llama-gqa", 1, 5, 6), TinyModels.Score("llama-gqa", 1, 5, 2), TinyModels.Score("llama-gqa", 9)];
        Assert.All(TinyModels.Parse(run.Output).Zip(expected), pair => Assert.Equal(pair.Second, (double)pair.First["score"]!, Close));
        Assert.Equal(3, TinyModels.Parse(run.Output).Length);
    }

    [Fact]
    public void Score_TextsThatEndAsTheChatTemplateEndsThem_AreNotWarnedAbout()
    {
        var model = _models.Reward();
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{% for m in messages %}{{ m.content }} w03 w04 {% endfor %}");
        var rendered = CommandRun.Reading("{\"text\": \"w05 w03 w04 \"}\n", "score", "--model", model);
        Assert.Equal((0, ""), (rendered.Code, rendered.Error));
        Assert.StartsWith("warning: 1 texts do not end", CommandRun.Reading("{\"text\": \"w05 w06\"}\n", "score", "--model", model).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_TextThatBringsTheTokenizersOwnBeginning_IsWarnedAbout()
    {
        var model = _models.Reward();
        File.Copy(Path.Combine(Repository.Golden("tokenizers", "spm-like"), "tokenizer.json"), Path.Combine(model, "tokenizer.json"), overwrite: true); // puts <s> before every text
        var run = CommandRun.Reading("{\"text\": \"<s></s>\"}\n{\"text\": \"</s>\"}\n", "score", "--model", model);
        Assert.Equal(0, run.Code);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
        Assert.StartsWith("warning: 1 texts bring the token along", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_LinesWithAByteOrderMark_AreRead()
    {
        var run = CommandRun.Reading("\uFEFF{\"text\": \"w05 w02\"}\r\n", "score", "--model", _models.Reward());
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 2), (double)Assert.Single(TinyModels.Parse(run.Output))["score"]!, Close);
    }

    [Fact]
    public void Score_ManyRows_DoNotDependOnTheirBatchAndKeepTheirOrder()
    {
        string[] rows = [.. Enumerable.Range(0, 1100).Select(i => $"{{\"id\": {i}, \"text\": \"{TinyModels.Words(i, 1 + (i * 7 % 40))}\"}}")];
        var (model, output) = (_models.Reward("neox-parallel"), _models.Folder["scored.jsonl"]);
        var run = CommandRun.Of("score", "--model", model, "--input", _models.Rows("rows.jsonl", rows), "--output", output, "--json");
        Assert.Equal(0, run.Code);
        var summary = Assert.Single(TinyModels.Parse(run.Output));
        Assert.Equal((output, 1100L, 1100L), ((string)summary["output"]!, (long)summary["rows"]!, (long)summary["texts_without_end"]!));
        var scored = TinyModels.Parse(File.ReadAllText(output));
        Assert.Equal(Enumerable.Range(0, 1100), scored.Select(row => (int)row["id"]!));
        Assert.All((int[])[0, 1, 31, 999, 1000, 1099], i => Assert.Equal(TinyModels.Score("neox-parallel", TinyModels.Ids((string)scored[i]["text"]!)), (double)scored[i]["score"]!, Close));
    }

    [Theory]
    [InlineData("mean", null)]
    [InlineData("wco", null)]
    [InlineData("uwo", null)]
    [InlineData("uwo", 2.0)]
    public void Score_Ensembles_FollowTheirRule(string rule, double? lambda)
    {
        double[] own = [TinyModels.Score("llama-gqa", 5, 7, 2), TinyModels.Score("qwen2-untied", 5, 7, 2), TinyModels.Score("neox-parallel", 5, 7, 2)];
        var mean = own.Sum() / 3;
        var expected = rule switch
        {
            "mean" => mean,
            "wco" => own.Min(),
            _ => mean - ((lambda ?? 0.5) * own.Sum(score => (score - mean) * (score - mean)) / 3),
        };
        string[] price = lambda is { } value ? ["--uwo-lambda", value.ToString(CultureInfo.InvariantCulture)] : [];
        string[] members = [_models.Reward(), _models.Reward("qwen2-untied"), _models.Reward("neox-parallel")];
        var run = CommandRun.Reading("{\"text\": \"w05 w07 w02\"}\n{\"prompt\": \"w05 \", \"response\": \"w07\"}\n", ["score", "--models", .. members, "--combine", rule, .. price]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.All(TinyModels.Parse(run.Output), row => Assert.Equal(expected, (double)row["score"]!, 5 * Close));
    }

    [Fact]
    public void Score_RowOverTheLimit_IsNamedWithItsLengthAndNothingIsWritten()
    {
        var (rows, output) = (_models.Rows("rows.jsonl", "{\"text\": \"w05\"}", $"{{\"text\": \"{TinyModels.Words(1, 129)}\"}}"), _models.Folder["scored.jsonl"]);
        var run = CommandRun.Of("score", "--model", _models.Reward(), "--input", rows, "--output", output);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("rows.jsonl:2: the text has 129 tokens", run.Error, StringComparison.Ordinal);
        Assert.Contains("at most 128", run.Error, StringComparison.Ordinal);
        Assert.Equal(["llama-gqa-rm", "rows.jsonl"], _models.Folder.Entries);
        var limited = CommandRun.Reading("{\"text\": \"w05 w06 w07\"}", "score", "--model", _models.Reward(), "--max-length", "2");
        Assert.Contains("-:1: the text has 3 tokens", limited.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"question\": \"w05\"}", "-:1: the row has question; expected text, or prompt and response")]
    [InlineData("{\"text\": 5}", "-:1: text is 5; expected a text")]
    [InlineData("{\"prompt\": \"w05\", \"response\": null}", "-:1: response is null; expected a text")]
    [InlineData("{\"text\": \"\\ud83d\"}", "-:1: text holds half of a surrogate pair")]
    [InlineData("{\"text\": \"\"}", "-:1: the text has no tokens")]
    [InlineData("[1]", "-:1: the line is no JSON object")]
    [InlineData("{\"prompt\": [{\"role\": \"system\", \"content\": \"w05\"}, {\"role\": \"user\", \"content\": \"w06\"}], \"response\": \"w07\"}", "-:1: template 'raw' renders one user turn only")]
    [InlineData("{\"text\": ", "-:1: the line is not JSON")]
    public void Score_RowThatCannotBeScored_IsOneMessageThatNamesIt(string row, string message)
    {
        var run = CommandRun.Reading(row, "score", "--model", _models.Reward());
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("--model is missing")]
    [InlineData("--model and --models contradict each other", "--model", "a", "--models", "b", "c")]
    [InlineData("an ensemble has at least two", "--models", "a")]
    [InlineData("name the members with --models", "--model", "a", "--combine", "wco")]
    [InlineData("--uwo-lambda belongs to --combine uwo", "--models", "a", "b", "--uwo-lambda", "1")]
    [InlineData("--combine is 'max'; expected one of mean, wco, uwo", "--models", "a", "b", "--combine", "max")]
    public void Score_OptionsThatContradict_AreWrongUsage(string message, params string[] options)
    {
        var run = CommandRun.Of(["score", .. options]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_NothingThere_SaysWhatWasExpected()
    {
        var model = CommandRun.Of("score", "--model", "/no/such/model");
        Assert.Equal(1, model.Code);
        Assert.Contains("/no/such/model is no reward", model.Error, StringComparison.Ordinal);
        var input = CommandRun.Of("score", "--model", _models.Reward(), "--input", "/no/such/rows.jsonl");
        Assert.Equal(1, input.Code);
        Assert.Contains("'/no/such/rows.jsonl' is no file", input.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_ModelThatNoLongerScoresAsRecorded_IsWarnedAbout()
    {
        var model = _models.Reward();
        new RewardMetadata { Template = "raw", AppendEos = true, Probes = [new ProbeScore { Ids = [5, 6, 2], Score = TinyModels.Score("llama-gqa", 5, 6, 2) }] }.Write(model);
        Assert.Equal("", CommandRun.Reading("{\"text\": \"w05 w02\"}", "score", "--model", model).Error);
        var record = RewardMetadata.Read(model)!;
        (record with { Probes = [.. record.Probes, new ProbeScore { Ids = [7, 2], Score = 1 + TinyModels.Score("llama-gqa", 7, 2) }] }).Write(model);
        var run = CommandRun.Reading("{\"text\": \"w05 w02\"}", "score", "--model", model);
        Assert.Equal(0, run.Code);
        Assert.Contains("1 of 2 texts no longer score as reward.json records", run.Error, StringComparison.Ordinal);
        Assert.Single(RewardProbes.Changed(ModelFolder.Open(model)));
    }

    [Fact]
    public void Score_ModelWhosePaddingEndsTexts_IsReadBeforeTheEndAsTransformersDoes()
    {
        var run = CommandRun.Reading("{\"prompt\": \"w05 w06 \", \"response\": \"w07 w08\"}\n", "score", "--model", Configured("pad_token_id", 2));
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 6, 7, 8), (double)Assert.Single(TinyModels.Parse(run.Output))["score"]!, Close);
        Assert.Contains("pad_token_id 2 ends texts too", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_hidden_layers", 2000, "config.json describes a model of")]
    [InlineData("hidden_size", 2147483640, "config.json describes a model of")]
    [InlineData("eos_token_id", 96, "eos_token_id is 96, but the vocabulary has 96 rows")]
    public void Score_ModelWhoseConfigurationIsNotItsOwn_IsRefusedBeforeMemoryIsTaken(string key, int value, string message)
    {
        var run = CommandRun.Reading("{\"text\": \"w05 w02\"}\n", "score", "--model", Configured(key, value));
        Assert.Equal(1, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_TokenOutsideTheVocabulary_IsRefused()
    {
        var model = _models.Reward();
        WordLevelTokenizer.Create(["w00", "w01", "w02", "w03"], Enumerable.Range(4, 93).Select(id => $"w{id:00}"), bosToken: "w01", eosToken: "w02", padToken: "w00", unknownToken: null).Save(model);
        var run = CommandRun.Reading("{\"text\": \"w05 w96 w02\"}\n", "score", "--model", model);
        Assert.Equal(1, run.Code);
        Assert.Contains("token id 96; the vocabulary of", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("TorchScript", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();

    private string Configured(string key, int value)
    {
        var model = _models.Reward();
        var path = Path.Combine(model, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = value;
        File.WriteAllText(path, config.ToJsonString());
        return model;
    }
}
