using System.Text.Json.Nodes;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tests.Models;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

public sealed class CheckpointTests
{
    public static TheoryData<string> Models => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void LoadAndSave_LanguageAndRewardModel_WriteTheReferencesTensorsByteForByte(string name)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        foreach (var kind in (string[])["lm", "rm"])
        {
            var source = Repository.Golden("models", name, kind);
            var config = HuggingFaceConfig.Read(source);
            nn.Module model = kind == "lm" ? new CausalLM(config.Model) : new RewardModel(config.Model);
            Assert.Equivalent(new LoadReport(false, []), Checkpoint.LoadParameters(source, model));
            Checkpoint.Save(folder[kind], config, model, tokenizerFolder: source);
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, "model.safetensors")), File.ReadAllBytes(Path.Combine(folder[kind], "model.safetensors")));
            Assert.True(JsonNode.DeepEquals(Json(source, "config.json"), Json(folder[kind], "config.json")));
            Assert.Equal(kind == "lm", File.Exists(Path.Combine(folder[kind], "generation_config.json")));
        }
    }

    [Theory]
    [InlineData("llama-gqa", "rm-bfloat16", "bfloat16")]
    [InlineData("llama-gqa", "rm-float16", "float16")]
    [InlineData("qwen2-tied", "rm-bfloat16", "bfloat16")]
    [InlineData("neox-parallel", "rm-bfloat16", "bfloat16")]
    [InlineData("neox-parallel", "rm-float16", "float16")]
    public void Save_InAnotherType_GivesWhatTransformersWroteInIt(string name, string kind, string type)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var reference = Repository.Golden("models", name, kind);
        var config = HuggingFaceConfig.Read(Repository.Golden("models", name, "rm"));
        var model = new RewardModel(config.Model);
        Checkpoint.LoadParameters(Repository.Golden("models", name, "rm"), model);
        Checkpoint.Save(folder["out"], config, model, TensorType.FromConfig(type));
        Assert.Equal(File.ReadAllBytes(Path.Combine(reference, "model.safetensors")), File.ReadAllBytes(Path.Combine(folder["out"], "model.safetensors")));
        Assert.True(JsonNode.DeepEquals(Json(reference, "config.json"), Json(folder["out"], "config.json")));
    }

    [Theory]
    [InlineData("llama-gqa", "rm-bfloat16")]
    [InlineData("qwen2-tied", "rm-float16")]
    public void LoadParameters_FromAnotherType_Converts(string name, string kind)
    {
        using var scope = NewDisposeScope();
        using var stored = new GoldenTensors("models", name, kind, "model.safetensors");
        var folder = Repository.Golden("models", name, kind);
        foreach (var precision in (Precision[])[Precision.Float32, Precision.BFloat16])
        {
            var model = new RewardModel(Checkpoint.ReadConfig(folder), precision);
            Checkpoint.LoadParameters(folder, model);
            foreach (var (tensor, parameter) in model.named_parameters())
                TensorAssert.Equal(stored[tensor].to_type(precision.ParameterType()), parameter, tensor);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void LoadParameters_RewardModel_GivesTheReferenceScores(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var folder = Repository.Golden("models", name, "rm");
        var model = new RewardModel(Checkpoint.ReadConfig(folder));
        Checkpoint.LoadParameters(folder, model);
        var (input, mask, ends) = GoldenModel.Batch(expected, "right");
        TensorAssert.Close(expected["rm.scores"], model.Forward(input, ends).squeeze(-1), 1e-4);
    }

    [Theory]
    [InlineData("llama-gqa", "lm_head.weight")]
    [InlineData("neox-parallel", "embed_out.weight")]
    [InlineData("qwen2-tied", null)]
    public void LoadParameters_LanguageModelIntoRewardModel_NeedsASeedForTheHead(string name, string? ignored)
    {
        using var scope = NewDisposeScope();
        var folder = Repository.Golden("models", name, "lm");
        var model = new RewardModel(Checkpoint.ReadConfig(folder));
        var error = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadParameters(folder, model));
        Assert.Contains("missing (1): score.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("never made up", error.Message, StringComparison.Ordinal);
        var report = Checkpoint.LoadParameters(folder, model, newHeadSeed: 7);
        Assert.True(report.NewHead);
        Assert.Equal(ignored is null ? [] : [ignored], report.Ignored);
        TensorAssert.Equal(RewardHead.New(32, 7), model.Head);
        using var trunk = new GoldenTensors("models", name, "lm", "model.safetensors");
        Assert.All(model.named_parameters().Where(pair => pair.name != RewardHead.Name), pair => TensorAssert.Equal(trunk[pair.name], pair.parameter, pair.name));
    }

    [Fact]
    public void LoadParameters_RewardModelWithASeed_KeepsItsHead()
    {
        using var scope = NewDisposeScope();
        using var stored = new GoldenTensors("models", "llama-gqa", "rm", "model.safetensors");
        var folder = Repository.Golden("models", "llama-gqa", "rm");
        var model = new RewardModel(Checkpoint.ReadConfig(folder));
        Assert.False(Checkpoint.LoadParameters(folder, model, newHeadSeed: 7).NewHead);
        TensorAssert.Equal(stored[RewardHead.Name], model.Head);
    }

    [Theory]
    [InlineData("model.norm.weight", null, "missing (1): model.norm.weight")]
    [InlineData(null, "model.extra.weight", "unexpected (1): model.extra.weight")]
    [InlineData("score.weight", "v_head.summary.weight", "v_head.summary.weight (the head of LLaMA-Factory and TRL) is F32 [5]; expected [1, 32]")]
    [InlineData("score.weight", "value_head.weight", "value_head.weight (the head of OpenRLHF) is F32 [5]; expected [1, 32]")]
    [InlineData("score.weight", "out_proj.weight", "out_proj.weight (the head of OpenAssistant) is F32 [5]; expected [1, 32]")]
    [InlineData(null, "score.bias", "score.bias (the head of older TRL) is F32 [5]; expected [1]")]
    [InlineData("score.weight", "score.weight", "wrong shape (1): score.weight is [5] where [1, 32] is expected")]
    public void LoadParameters_OtherTensors_AreNamed(string? removed, string? added, string complaint)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Altered(folder, removed, added);
        var model = new RewardModel(Checkpoint.ReadConfig(folder["rm"]));
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => Checkpoint.LoadParameters(folder["rm"], model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadParameters_WholeNumbers_AreNoWeights()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "rm");
        var path = Path.Combine(folder["rm"], "model.safetensors");
        var tensors = Safetensors.Read(path);
        tensors[RewardHead.Name] = ones([1, 32], ScalarType.Int64);
        Safetensors.Write(path, tensors);
        var error = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadParameters(folder["rm"], new RewardModel(Checkpoint.ReadConfig(folder["rm"]))));
        Assert.Contains("no weights in F32, F16, BF16 or F64 (1): score.weight is I64", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.layers.0.self_attn.rotary_emb.inv_freq")]
    [InlineData("gpt_neox.layers.0.attention.bias")]
    [InlineData("gpt_neox.layers.0.attention.masked_bias")]
    public void LoadParameters_ComputedBuffers_AreIgnoredAndReported(string buffer)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Altered(folder, null, buffer);
        Assert.Equal([buffer], Checkpoint.LoadParameters(folder["rm"], new RewardModel(Checkpoint.ReadConfig(folder["rm"]))).Ignored);
    }

    [Fact]
    public void LoadParameters_TiedModelWithAStoredHead_IgnoresTheCopy()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("models", "qwen2-tied", "lm"), "lm");
        var tensors = Safetensors.Read(Path.Combine(folder["lm"], "model.safetensors"));
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"];
        Safetensors.Write(Path.Combine(folder["lm"], "model.safetensors"), tensors);
        Assert.Equal(["lm_head.weight"], Checkpoint.LoadParameters(folder["lm"], new CausalLM(Checkpoint.ReadConfig(folder["lm"]))).Ignored);
    }

    [Fact]
    public void Save_TokenizerFiles_TravelAlongAsTheyAre()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "rm");
        var bytes = new byte[] { 0, 255, 13, 10, 200 };
        string[] files = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja"];
        foreach (var file in files)
            File.WriteAllBytes(Path.Combine(source, file), bytes);
        var reward = new RewardMetadata { Template = "alpaca", AppendEos = true, MaxLength = 520 };
        using (var tensors = CheckpointTensors.Open(source))
            Checkpoint.Write(folder["out"], HuggingFaceConfig.Read(source), tensors, source, reward);
        Assert.All(files, file => Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(folder["out"], file))));
        Assert.Equal([.. files.Concat(["config.json", "model.safetensors", "reward.json"]).Order(StringComparer.Ordinal)], Directory.EnumerateFiles(folder["out"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Save_RewardModelWhosePadTokenIsEos_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var tensors = CheckpointTensors.Open(Repository.Golden("models", "llama-gqa", "rm"));
        var config = HuggingFaceConfig.Parse(File.ReadAllText(Repository.Golden("models", "llama-gqa", "rm", "config.json")).Replace("\"pad_token_id\": 0", "\"pad_token_id\": 2", StringComparison.Ordinal));
        Assert.Contains("pad_token_id 2 is also", Assert.Throws<ArgumentException>(() => Checkpoint.Write(folder["out"], config, tensors, null)).Message, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void Write_Cancelled_LeavesTheOldModelAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var old = folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "out");
        using var cancellation = new CancellationTokenSource();
        var seen = new List<double>();
        var options = new CheckpointWriteOptions { Cancellation = cancellation.Token, Progress = new Recorder(share => { seen.Add(share); cancellation.Cancel(); }) };
        using var tensors = CheckpointTensors.Open(Repository.Golden("models", "llama-gqa", "rm-bfloat16"));
        Assert.Throws<OperationCanceledException>(() => Checkpoint.Write(old, HuggingFaceConfig.Read(Repository.Golden("models", "llama-gqa", "rm")), tensors, null, options: options));
        Assert.Single(seen);
        Assert.Equal(["out"], folder.Entries);
        Assert.Equal(File.ReadAllBytes(Repository.Golden("models", "llama-gqa", "rm", "model.safetensors")), File.ReadAllBytes(Path.Combine(old, "model.safetensors")));
    }

    [Fact]
    public void Write_Progress_EndsAtOne()
    {
        using var folder = new TemporaryFolder();
        var seen = new List<double>();
        using var tensors = CheckpointTensors.Open(Repository.Golden("models", "llama-gqa", "rm"));
        Checkpoint.Write(folder["out"], HuggingFaceConfig.Read(tensors.Folder), tensors, null, options: new CheckpointWriteOptions { Progress = new Recorder(seen.Add), MaxShardBytes = 30_000 });
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(1, seen[^1]);
    }

    /// <summary>The llama-gqa reward model with one tensor taken away and one of shape [5] added.</summary>
    private static void Altered(TemporaryFolder folder, string? removed, string? added)
    {
        folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "rm");
        var path = Path.Combine(folder["rm"], "model.safetensors");
        var tensors = Safetensors.Read(path);
        if (removed is not null)
            tensors.Remove(removed);
        if (added is not null)
            tensors[added] = zeros(5);
        Safetensors.Write(path, tensors);
    }

    private static JsonNode? Json(string folder, string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)));

    private sealed class Recorder(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
