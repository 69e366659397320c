using System.Text.Json.Nodes;
using UmmRm.Diagnosis;
using UmmRm.Recipes;
using UmmRm.Tests.Cli;
using UmmRm.Weights;

namespace UmmRm.Tests.Diagnosis;

public sealed class ModelChecksTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public void Model_RewardModelInOrder_HasNoErrorAndEveryCheckSpeaks()
    {
        var folder = Recorded(_models.Reward());
        var findings = Findings.OfModel(folder);
        Assert.All(findings, finding => Assert.True(finding.Severity == Severity.Ok, $"{finding.Check}: {finding.Detail}"));
        Assert.Equal(
            ["weights", "config", "tokenizer", "record", "head", "vocabulary", "eos-token", "pad-token", "template", "bos-token", "eos-appended", "boundary", "loading", "probes", "batch-parity", "padding-parity"],
            findings.Select(finding => finding.Check));
    }

    [Fact]
    public void Model_LanguageModel_WouldGetANewHead()
    {
        var findings = Findings.OfModel(_models.Language());
        findings.Has("head", Severity.Ok, "new head");
        findings.Has("loading", Severity.Ok, "new head");
    }

    [Fact]
    public void Model_NoSuchFolder_IsOneError() => Findings.Is(Assert.Single(Findings.OfModel(_models.Folder["nowhere"])), Severity.Error, "nowhere");

    [Fact]
    public void Weights_Pickle_IsNamedAndNothingElseIsSaidOfIt()
    {
        var folder = _models.Reward();
        File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "pytorch_model.bin"));
        var findings = Findings.OfModel(folder);
        findings.Has("weights", Severity.Error, "pytorch_model.bin");
        Assert.Single(findings, finding => finding.Severity == Severity.Error);
    }

    [Fact]
    public void Weights_MissingShard_IsNamed()
    {
        var folder = _models.Folder.CopyOf(Repository.Golden("models", "llama-gqa", "lm-sharded"), "sharded"); // without a tokenizer, which is another check's matter
        var shard = Directory.GetFiles(folder, "model-*.safetensors").Order().Last();
        Findings.OfModel(folder).Has("weights", Severity.Ok);
        File.Delete(shard);
        Findings.OfModel(folder).Has("weights", Severity.Error, Path.GetFileName(shard));
    }

    [Fact]
    public void Weights_PackedIntegers_AreAQuantisedCheckpoint()
    {
        var folder = _models.Reward();
        Rewrite(folder, tensors => tensors.Add(new TensorInfo("model.layers.0.mlp.up_proj.qweight", TensorType.Named("I32")!, [4, 8]), (_, destination) => destination.Clear()));
        Findings.OfModel(folder).Has("weights", Severity.Error, "model.layers.0.mlp.up_proj.qweight", "quantised");
    }

    public static TheoryData<string> DamagedFiles => [.. Directory.GetFiles(Repository.Golden("safetensors"), "bad-*").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(DamagedFiles))]
    public void Weights_DamagedFile_IsAnErrorAndNoCrash(string file)
    {
        var folder = _models.Reward();
        File.Copy(Repository.Golden("safetensors", file), Path.Combine(folder, "model.safetensors"), overwrite: true);
        var findings = Findings.OfModel(folder);
        findings.Has("weights", Severity.Error, "model.safetensors");
        Assert.DoesNotContain(findings, finding => finding.Check is "head" or "loading");
    }

    [Theory]
    [InlineData("config.json", "{", "config")]
    [InlineData("config.json", "[]", "config")]
    [InlineData("config.json", """{"model_type": "bert"}""", "config")]
    [InlineData("tokenizer.json", "{}", "tokenizer")]
    [InlineData("tokenizer_config.json", "nonsense", "tokenizer")]
    [InlineData("reward.json", """{"template": "none-such", "append_eos": true}""", "template")]
    [InlineData("chat_template.jinja", "{% for %}", "template")]
    public void Files_Damaged_AreAnErrorOfTheirOwnCheckAlone(string file, string text, string check)
    {
        var folder = _models.Reward();
        File.WriteAllText(Path.Combine(folder, file), text);
        var findings = Findings.OfModel(folder);
        findings.Has(check, Severity.Error, file);
        Assert.Single(findings, finding => finding.Severity == Severity.Error);
    }

    [Fact]
    public void Config_QuantisationIsSet_IsNamed()
    {
        var folder = _models.Reward();
        Configure(folder, config => config["quantization_config"] = new JsonObject { ["quant_method"] = "gptq" });
        Findings.OfModel(folder).Has("config", Severity.Error, "quantization_config");
    }

    [Fact]
    public void Tokenizer_IsMissing_IsSaidOnceAndWhatNeedsItIsLeftOut()
    {
        var findings = Findings.OfModel(_models.Folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "bare"));
        findings.Has("tokenizer", Severity.Error, "holds no tokenizer");
        Assert.Single(findings, finding => finding.Severity == Severity.Error);
        Assert.DoesNotContain(findings, finding => finding.Check is "template" or "loading" or "pad-token");
    }

    [Fact]
    public void Record_IsDamaged_IsAnErrorThatNamesIt()
    {
        var folder = _models.Reward();
        File.WriteAllText(Path.Combine(folder, "reward.json"), "{");
        Findings.OfModel(folder).Has("record", Severity.Error, "reward.json");
    }

    [Fact]
    public void Head_RewardModelWithoutOne_IsAnErrorThatNamesTheTensor()
    {
        var folder = _models.Reward();
        Rewrite(folder, tensors => { }, without: RewardHead.Name);
        var findings = Findings.OfModel(folder);
        findings.Has("head", Severity.Error, "score.weight");
        Assert.DoesNotContain(findings, finding => finding.Check == "loading");
    }

    [Fact]
    public void Vocabulary_TokensWithoutARow_NamesTheFirst()
    {
        var folder = _models.Reward();
        Configure(folder, config => config["vocab_size"] = 90);
        Findings.OfModel(folder).Has("vocabulary", Severity.Error, "w90 (90)");
    }

    [Theory]
    [InlineData("null", Severity.Error, "names no eos_token_id")]
    [InlineData("500", Severity.Error, "500")]
    [InlineData("5", Severity.Warning, "w05 (5)", "w02 (2)")]
    [InlineData("[7, 2]", Severity.Ok, "w07 (7)", "w02 (2)")]
    public void EndToken_ConfigAndTokenizer_MustAgree(string id, Severity severity, params string[] named)
    {
        var folder = _models.Reward();
        Configure(folder, config => config["eos_token_id"] = JsonNode.Parse(id));
        Findings.OfModel(folder).Has("eos-token", severity, named);
    }

    [Theory]
    [InlineData("rm", "null", Severity.Error, "names no pad_token_id")]
    [InlineData("lm", "null", Severity.Warning, "names no pad_token_id")]
    [InlineData("rm", "2", Severity.Error, "w02 (2)", "eos_token_id")]
    [InlineData("rm", "96", Severity.Error, "96")]
    [InlineData("rm", "3", Severity.Warning, "w03 (3)", "w00 (0)")]
    [InlineData("rm", "0", Severity.Ok, "w00 (0)")]
    public void PadToken_NoneOrOneThatEndsTexts_IsFound(string kind, string id, Severity severity, params string[] named)
    {
        var folder = kind == "rm" ? _models.Reward() : _models.Language();
        Configure(folder, config => config["pad_token_id"] = JsonNode.Parse(id));
        Findings.OfModel(folder).Has("pad-token", severity, named);
    }

    [Fact]
    public void Probes_WeightsWereChanged_NamesBothScores()
    {
        var folder = Recorded(_models.Reward());
        var record = RewardMetadata.Read(folder)!;
        (record with { Probes = [.. record.Probes.Select(probe => probe with { Score = probe.Score + 1 })] }).Write(folder);
        var score = FormattableString.Invariant($"{record.Probes[0].Score:G6}");
        Findings.OfModel(folder).Has("probes", Severity.Error, "2 of 2", score);
    }

    [Fact]
    public void Loading_TooLittleMemory_IsAWarningAndTheScoresAreLeftAlone()
    {
        using var model = new ModelCase(_models.Reward());
        using var scoring = new ScoringCase(new ReadingCase(model, folder => folder.Encoder()), new Examination(e => e.Message), memory: 1000);
        var findings = new Examination(e => e.Message).Of("it", scoring, ScoringChecks.All);
        Findings.Is(Assert.Single(findings), Severity.Warning, "1000 B");
    }

    [Theory]
    [InlineData(1.00001, Severity.Ok)]
    [InlineData(1.01, Severity.Error, "1.01")]
    public void Parity_ScoresThatDiffer_AreNamed(double other, Severity severity, params string[] named)
    {
        var verdict = ScoringChecks.Parity([2, 1], [2, other], "alike", "unlike", "report it");
        Findings.Is(new Finding("it", "parity", verdict.Severity, verdict.Detail, verdict.Remedy), severity, named);
    }

    public void Dispose() => _models.Dispose();

    internal static void Configure(string folder, Action<JsonNode> change)
    {
        var file = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        change(config);
        File.WriteAllText(file, config.ToJsonString());
    }

    /// <summary>A reward.json with two recorded scores.</summary>
    internal static string Recorded(string folder, string template = "raw", bool appendEos = true)
    {
        new RewardMetadata { Template = template, AppendEos = appendEos, MaxLength = 64 }.Write(folder);
        RewardProbes.Record(folder, [[5, 6, 7, 2], [8, 9, 2]], [], "");
        return folder;
    }

    private static void Rewrite(string folder, Action<ComputedTensors> add, string? without = null)
    {
        var file = Path.Combine(folder, "model.safetensors");
        using (var stored = CheckpointTensors.Open(folder))
        {
            var tensors = new ComputedTensors();
            foreach (var tensor in stored.Tensors.Where(tensor => tensor.Name != without))
                tensors.AddCopy(stored, tensor);
            add(tensors);
            Safetensors.Write(file + ".new", tensors);
        }
        File.Move(file + ".new", file, overwrite: true);
    }
}
