using UmmRm.Models;
using UmmRm.Tests.Models;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

public sealed class UpcyclingTests
{
    private static readonly MoeConfig Moe = new() { NumExperts = 8, TopK = 2, SharedExpertWeight = 0.75 };

    public static TheoryData<string> Models => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void Write_RewardModel_ComputesTheDenseModelsScores(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var folder = new TemporaryFolder();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        Upcycling.Write(Repository.Golden("models", name, "rm"), Moe, folder["moe"], seed: 3);
        var model = new RewardModel(Checkpoint.ReadConfig(folder["moe"]));
        Assert.Equivalent(new LoadReport(false, []), Checkpoint.LoadParameters(folder["moe"], model));
        var (input, mask, ends) = GoldenModel.Batch(expected, "right");
        TensorAssert.Close(expected["rm.scores"], model.Forward(input, ends).squeeze(-1), 1e-4);
    }

    [Theory]
    [InlineData("llama-gqa", "rm-bfloat16")]
    [InlineData("neox-parallel", "rm-float16")]
    [InlineData("qwen2-untied", "rm")]
    public void Write_EveryExpert_IsAnExactCopyInTheSameType(string name, string kind)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Upcycling.Write(Repository.Golden("models", name, kind), Moe, folder["moe"], seed: 3);
        using var dense = new GoldenTensors("models", name, kind, "model.safetensors");
        using var moe = CheckpointTensors.Open(folder["moe"]);
        var config = GoldenModel.Config(name);
        foreach (var tensor in dense.Names)
        {
            var cut = tensor.IndexOf(".mlp.", StringComparison.Ordinal) + 5;
            if (cut < 5)
                TensorAssert.Equal(dense[tensor], moe.ReadTensor(tensor), tensor);
            else
                Assert.All(Enumerable.Range(0, 8), expert => TensorAssert.Equal(dense[tensor], moe.ReadTensor($"{tensor[..cut]}experts.{expert}.{tensor[cut..]}"), tensor));
        }
        var routers = moe.Tensors.Where(info => info.Name.EndsWith(".mlp.router.weight", StringComparison.Ordinal)).ToList();
        Assert.Equal(config.NumLayers, routers.Count);
        Assert.All(routers, info => Assert.Equal(("[7, 32]", moe.Find(RewardHead.Name)!.Type), (info.Form[(info.Form.IndexOf(' ') + 1)..], info.Type)));
        Assert.Equal(dense.Names.Sum(tensor => tensor.Contains(".mlp.", StringComparison.Ordinal) ? 8 : 1) + config.NumLayers, moe.Tensors.Count);
    }

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("neox-sequential")]
    [InlineData("qwen2-tied")]
    public void Write_LanguageModel_GetsTheHeadThatADenseRewardModelGetsFromTheSeed(string name)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Repository.Golden("models", name, "lm");
        Upcycling.Write(source, Moe, folder["moe"], seed: 11);
        using var moe = CheckpointTensors.Open(folder["moe"]);
        var dense = new RewardModel(Checkpoint.ReadConfig(source));
        Checkpoint.LoadParameters(source, dense, newHeadSeed: 11);
        TensorAssert.Equal(dense.Head, moe.ReadTensor(RewardHead.Name));
        Assert.Null(moe.Find("lm_head.weight"));
        Assert.Null(moe.Find("embed_out.weight"));
        Checkpoint.LoadParameters(folder["moe"], new RewardModel(Checkpoint.ReadConfig(folder["moe"])));
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes_AndAnotherSeedOtherRouters()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Repository.Golden("models", "llama-gqa", "rm");
        foreach (var (name, seed) in new[] { ("a", 3), ("b", 3), ("c", 4) })
            Upcycling.Write(source, Moe, folder[name], seed);
        Assert.Equal(File.ReadAllBytes(folder["a/model.safetensors"]), File.ReadAllBytes(folder["b/model.safetensors"]));
        using var a = CheckpointTensors.Open(folder["a"]);
        using var c = CheckpointTensors.Open(folder["c"]);
        var (first, second) = (MixtureNames.Router(ModelFamily.Llama, 0), MixtureNames.Router(ModelFamily.Llama, 1));
        Assert.True(a.ReadTensor(first).ne(c.ReadTensor(first)).all().item<bool>());
        Assert.True(a.ReadTensor(first).ne(a.ReadTensor(second)).all().item<bool>());
    }

    [Fact]
    public void Apply_Router_IsNormalWithDeviationTwoHundredths()
    {
        using var scope = NewDisposeScope();
        var config = GoldenModel.Config("llama-gqa", new MoeConfig { NumExperts = 1001, TopK = 2 });
        using var dense = CheckpointTensors.Open(Repository.Golden("models", "llama-gqa", "rm"));
        var router = Upcycling.Apply(dense, config, 5).ReadTensor(MixtureNames.Router(ModelFamily.Llama, 2)).to_type(ScalarType.Float64);
        Assert.Equal([1000, 32], router.shape);
        AssertNormal(router, 0.02);
    }

    [Fact]
    public void NewHead_IsNormalWithDeviationOneOverRootOfWidthPlusOne()
    {
        using var scope = NewDisposeScope();
        var head = RewardHead.New(32_000, 5);
        Assert.Equal([1, 32_000], head.shape);
        AssertNormal(head.to_type(ScalarType.Float64), 1 / Math.Sqrt(32_001));
        TensorAssert.Equal(head, RewardHead.New(32_000, 5));
        Assert.True(head.ne(RewardHead.New(32_000, 6)).to_type(ScalarType.Float32).mean().item<float>() > 0.99);
    }

    [Fact]
    public void Write_Folder_IsAnUnmergedMixtureOfOurOwnType()
    {
        using var folder = new TemporaryFolder();
        var source = folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "rm");
        new RewardMetadata { Template = "alpaca", AppendEos = true, Probes = [new ProbeScore { Prompt = "a", Response = "b", Score = 1 }] }.Write(source);
        File.WriteAllText(Path.Combine(source, "tokenizer.json"), "{}");
        Upcycling.Write(source, Moe, folder["moe"], 1, padTokenId: 5);
        var config = HuggingFaceConfig.Read(folder["moe"]);
        Assert.Equal(Moe, config.Model.Moe);
        Assert.Equal(5, config.Model.PadTokenId);
        Assert.Equal("{}", File.ReadAllText(folder["moe/tokenizer.json"]));
        var reward = RewardMetadata.Read(folder["moe"])!;
        Assert.Equal(("alpaca", true), (reward.TemplateName, reward.AppendEos));
        Assert.Empty(reward.Probes);
        Assert.Throws<ArgumentException>(() => Upcycling.Write(folder["moe"], Moe, folder["again"], 1));
        Assert.False(Directory.Exists(folder["again"]));
    }

    [Theory]
    [InlineData("model.layers.2.mlp.up_proj.weight", null, "model.layers.2.mlp.up_proj.weight")]
    [InlineData("score.weight", "v_head.summary.weight", "LLaMA-Factory")]
    [InlineData(null, "score.weight", "score.weight is F32 [5]")]
    public void Write_IncompleteOrForeignModel_IsRefused(string? removed, string? added, string complaint)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "rm"), "model.safetensors");
        var tensors = Safetensors.Read(path);
        if (removed is not null)
            tensors.Remove(removed);
        if (added is not null)
            tensors[added] = zeros(5);
        Safetensors.Write(path, tensors);
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => Upcycling.Write(folder["rm"], Moe, folder["moe"], 1)).Message, StringComparison.Ordinal);
        Assert.Equal(["rm"], folder.Entries);
    }

    /// <summary>32,000 numbers: mean within 4 standard errors of 0, deviation and kurtosis within 4 of theirs.</summary>
    private static void AssertNormal(Tensor values, double deviation)
    {
        var scaled = values / deviation;
        Assert.InRange(scaled.mean().item<double>(), -4 / Math.Sqrt(32_000), 4 / Math.Sqrt(32_000));
        Assert.InRange(scaled.square().mean().item<double>(), 1 - (4 * Math.Sqrt(2.0 / 32_000)), 1 + (4 * Math.Sqrt(2.0 / 32_000)));
        Assert.InRange(scaled.pow(4).mean().item<double>(), 3 - (4 * Math.Sqrt(96.0 / 32_000)), 3 + (4 * Math.Sqrt(96.0 / 32_000)));
    }
}
