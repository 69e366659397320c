using System.Text.Json.Nodes;
using UmmRm.Models;
using UmmRm.Tests.Models;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

public sealed class ExpertMergingTests
{
    private static readonly double[] Given = [0.4, 0.05, 0.05, 0.2, 0.1, 0.15, 0.05];

    public static TheoryData<string, string> Families => new() { { "llama", "llama-gqa" }, { "qwen2", "qwen2-untied" }, { "neox", "neox-parallel" } };

    [Theory]
    [InlineData("layer-swiglu", 0.1)]
    [InlineData("layer-swiglu", 0.5)]
    [InlineData("layer-swiglu", 0.9)]
    [InlineData("layer-neox", 0.1)]
    [InlineData("layer-neox", 0.5)]
    [InlineData("layer-neox", 0.9)]
    public void Apply_OneLayer_GivesTheReferencesMergedTensors(string name, double alpha)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors("moe", $"{name}.safetensors");
        var family = name == "layer-neox" ? ModelFamily.GptNeoX : ModelFamily.Llama;
        var config = GoldenModel.Config("llama-gqa", new MoeConfig { NumExperts = 8, TopK = 2, SharedExpertWeight = alpha }) with { Family = family, NumLayers = 1 };
        var source = ComputedTensors.Of(
            [.. from expert in Enumerable.Range(0, 8) from tensor in MixtureNames.Tensors(family) select (MixtureNames.Expert(family, 0, expert, tensor), file[$"experts.{expert}.{tensor}"]),
             (MixtureNames.Router(family, 0), file["router.weight"])]);
        foreach (var (kind, beta) in new[] { ("uniform", MergeRecord.Uniform(config).Coefficients[0]), ("given", Given) })
        {
            var merged = ExpertMerging.Apply(source, config, new MergeRecord { Method = kind, Coefficients = [beta] });
            Assert.Equal(MixtureNames.Tensors(family).Count, merged.Tensors.Count);
            foreach (var tensor in MixtureNames.Tensors(family))
                TensorAssert.Close(file[$"merged.{kind}.alpha{alpha}.{tensor}"], merged.ReadTensor(MixtureNames.Dense(family, 0, tensor)), 1e-6, tensor);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Write_WholeModel_GivesTheReferencesWeightsAndScores(string family, string trunk)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var folder = new TemporaryFolder();
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        WriteMixture(folder["moe"], file, trunk, 0.5);
        var record = Learned(file, trunk);
        ExpertMerging.Write(folder["moe"], record, folder["learned"]);
        var model = Load(folder["learned"]);
        foreach (var (name, parameter) in model.named_parameters().Where(pair => pair.name.Contains(".mlp.", StringComparison.Ordinal)))
            TensorAssert.Close(file[$"learned.merged.{GoldenModel.MixtureName(name, model)}"], parameter, 1e-6, name);
        TensorAssert.Close(file["learned.scores"], Scores(model, file), 1e-4, "learned");
        Assert.Equal(record.Coefficients, MergeRecord.Read(folder["learned"])!.Coefficients);

        ExpertMerging.Write(folder["moe"], MergeRecord.Uniform(Checkpoint.ReadConfig(folder["moe"])), folder["uniform"]);
        TensorAssert.Close(file["k2.merged.uniform.scores"], Scores(Load(folder["uniform"]), file), 1e-4, "uniform");
        foreach (var k in (int[])[2, 4, 6])
        {
            var gates = Coefficients(file, trunk, $"k{k}.expected_gates");
            ExpertMerging.Write(folder["moe"], new MergeRecord { Method = "expected-gate", Coefficients = gates }, folder["gates"]);
            TensorAssert.Close(file[$"k{k}.merged.expected_gate.scores"], Scores(Load(folder["gates"]), file), 1e-4, $"expected gate, k = {k}");
        }
    }

    [Theory]
    [InlineData("llama", "llama-gqa", 0.1)]
    [InlineData("neox", "neox-parallel", 0.75)]
    public void Write_AlphaFarFromAHalf_IsReadFromTheMixture(string family, string trunk, double alpha)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var folder = new TemporaryFolder();
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        WriteMixture(folder["moe"], file, trunk, alpha);
        ExpertMerging.Write(folder["moe"], MergeRecord.Uniform(Checkpoint.ReadConfig(folder["moe"])), folder["uniform"]);
        TensorAssert.Close(file[$"alpha{alpha}.merged.uniform.scores"], Scores(Load(folder["uniform"]), file), 1e-4);
    }

    [Theory]
    [InlineData("llama-gqa", "rm")]
    [InlineData("llama-gqa", "rm-bfloat16")]
    [InlineData("neox-parallel", "rm-float16")]
    [InlineData("qwen2-tied", "rm-bfloat16")]
    [InlineData("neox-sequential", "rm")]
    public void Write_EqualExperts_GiveTheDenseFileBitForBit(string name, string kind)
    {
        using var folder = new TemporaryFolder();
        var dense = Repository.Golden("models", name, kind);
        Upcycling.Write(dense, new MoeConfig { NumExperts = 8, TopK = 2, SharedExpertWeight = 0.3 }, folder["moe"], 1);
        var layers = Checkpoint.ReadConfig(dense).NumLayers;
        ExpertMerging.Write(folder["moe"], new MergeRecord { Method = "given", Coefficients = [.. Enumerable.Repeat(Given, layers)] }, folder["merged"]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(dense, "model.safetensors")), File.ReadAllBytes(folder["merged/model.safetensors"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(HuggingFaceConfig.Read(dense).AsRewardModel().ToJson()), JsonNode.Parse(File.ReadAllText(folder["merged/config.json"]))));
        Assert.Equal(["config.json", "merge.json", "model.safetensors"], Directory.EnumerateFiles(folder["merged"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Apply_EqualExpertsOfSpecialValues_KeepEveryBit(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var special = tensor(new[] { -0.0f, 0.0f, 1e-45f, -1e-45f, 6e-8f, 65504f, -65504f, 1f / 3 }).to_type(type).reshape(2, 4);
        var config = GoldenModel.Config("llama-gqa", new MoeConfig { NumExperts = 8, TopK = 2 }) with { NumLayers = 1 };
        var source = ComputedTensors.Of([.. from expert in Enumerable.Range(0, 8) from name in MixtureNames.Tensors(ModelFamily.Llama) select (MixtureNames.Expert(ModelFamily.Llama, 0, expert, name), special)]);
        var merged = ExpertMerging.Apply(source, config, new MergeRecord { Method = "given", Coefficients = [Given] });
        Assert.All(merged.Tensors, info => TensorAssert.Equal(special, merged.ReadTensor(info.Name), info.Name));
    }

    [Fact]
    public void Apply_BFloat16_RoundsOnlyOnce()
    {
        using var scope = NewDisposeScope();
        var config = GoldenModel.Config("llama-gqa", new MoeConfig { NumExperts = 8, TopK = 2, SharedExpertWeight = 0.5 }) with { NumLayers = 1 };
        var experts = Enumerable.Range(0, 8).Select(i => randn([300, 700], generator: new Generator(40 + (ulong)i)).to_type(ScalarType.BFloat16)).ToList(); // several blocks, the last one short
        var source = ComputedTensors.Of([.. from i in Enumerable.Range(0, 8) from name in MixtureNames.Tensors(ModelFamily.Llama) select (MixtureNames.Expert(ModelFamily.Llama, 0, i, name), experts[i])]);
        var merged = ExpertMerging.Apply(source, config, new MergeRecord { Method = "given", Coefficients = [Given] }).ReadTensor(MixtureNames.Dense(ModelFamily.Llama, 0, "up_proj.weight"));
        var exact = experts[0].to_type(ScalarType.Float64) * 0.5;
        for (var i = 0; i < 7; i++)
            exact += experts[i + 1].to_type(ScalarType.Float64) * (0.5 * Given[i]);
        var allowed = (exact.abs() * Math.Pow(2, -8)) + 1e-6; // half a unit in the last of 8 places, and float32's own error: rounding after every term would be several units
        Assert.True(((merged.to_type(ScalarType.Float64) - exact).abs() <= allowed).all().item<bool>());
    }

    [Fact]
    public void Validate_CoefficientsThatAreNotShares_NameTheLayer()
    {
        using var folder = new TemporaryFolder();
        Upcycling.Write(Repository.Golden("models", "llama-gqa", "rm"), new MoeConfig { NumExperts = 8, TopK = 2 }, folder["moe"], 1);
        AssertRefused([Given, Given], "coefficients for 2 layers; the mixture has 3");
        AssertRefused([Given, Given, [1]], "layer 2 has 1 coefficients; the mixture has 7");
        AssertRefused([Given, [.. Given.Select(share => share * 1.01)], Given], "layer 1 sum to 1.01");
        AssertRefused([[-0.1, 0.5, 0.1, 0.1, 0.2, 0.1, 0.1], Given, Given], "layer 0 has the coefficient -0.1");
        AssertRefused([[double.NaN, 0, 0, 0, 0, 0, 1], Given, Given], "NaN");
        Assert.Equal(["moe"], folder.Entries);

        void AssertRefused(double[][] coefficients, string complaint) => Assert.Contains(complaint,
            Assert.Throws<ArgumentException>(() => ExpertMerging.Write(folder["moe"], new MergeRecord { Method = "given", Coefficients = coefficients }, folder["out"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_DenseModel_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => ExpertMerging.Write(Repository.Golden("models", "llama-gqa", "rm"), new MergeRecord { Method = "given", Coefficients = [] }, folder["out"]));
    }

    [Fact]
    public void Write_MixtureWithoutAnExpert_NamesIt()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Upcycling.Write(Repository.Golden("models", "llama-gqa", "rm"), new MoeConfig { NumExperts = 8, TopK = 2 }, folder["moe"], 1);
        var tensors = Safetensors.Read(folder["moe/model.safetensors"]);
        tensors.Remove("model.layers.1.mlp.experts.5.up_proj.weight");
        Safetensors.Write(folder["moe/model.safetensors"], tensors);
        var record = MergeRecord.Uniform(Checkpoint.ReadConfig(folder["moe"]));
        Assert.Contains("model.layers.1.mlp.experts.5.up_proj.weight", Assert.Throws<InvalidDataException>(() => ExpertMerging.Write(folder["moe"], record, folder["out"])).Message, StringComparison.Ordinal);
        Assert.Equal(["moe"], folder.Entries);
    }

    [Fact]
    public void Record_Distances_AreSumsOfAbsoluteDifferences()
    {
        var record = new MergeRecord { Method = "learned", Coefficients = [[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]], Start = [[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0]], LossBefore = 0.7, LossAfter = 0.6 };
        Assert.Equal([1.5, 0], record.L1FromUniform);
        Assert.Equal([1.5, 1], record.L1FromStart);
        using var folder = new TemporaryFolder();
        record.Write(folder.Path);
        var json = JsonNode.Parse(File.ReadAllText(folder["merge.json"]))!;
        Assert.Equal(1.5, (double?)json["l1_from_uniform"]![0]);
        Assert.Equal(1, (double?)json["l1_from_start"]![1]);
        var read = MergeRecord.Read(folder.Path)!;
        Assert.Equal((record.Method, record.LossBefore, record.LossAfter), (read.Method, read.LossBefore, read.LossAfter));
        Assert.Equal(record.Start, read.Start);
        Assert.Equal(record.Start, MergeRecord.ReadFile(folder["merge.json"]).Start);
        Assert.Null(MergeRecord.Read(folder["nowhere"]));
        Assert.Throws<FileNotFoundException>(() => MergeRecord.ReadFile(folder["nowhere.json"]));
    }

    /// <summary>The reference mixture as a folder of ours.</summary>
    private static void WriteMixture(string folder, GoldenTensors file, string trunk, double alpha)
    {
        var config = HuggingFaceConfig.Read(Repository.Golden("models", trunk, "rm")).AsMixture(new MoeConfig { NumExperts = 8, TopK = 2, SharedExpertWeight = alpha });
        Checkpoint.Save(folder, config, GoldenModel.Mixture(file, trunk, 2, alpha));
    }

    private static MergeRecord Learned(GoldenTensors file, string trunk) => new() { Method = "learned", Coefficients = Coefficients(file, trunk, "learned.beta") };

    private static List<double[]> Coefficients(GoldenTensors file, string trunk, string name) =>
        [.. Enumerable.Range(0, GoldenModel.Config(trunk).NumLayers).Select(layer => file[$"{name}.{layer}"].to_type(ScalarType.Float64).data<double>().ToArray())];

    private static RewardModel Load(string folder)
    {
        var model = new RewardModel(Checkpoint.ReadConfig(folder));
        Checkpoint.LoadParameters(folder, model);
        return model;
    }

    private static Tensor Scores(RewardModel model, GoldenTensors file)
    {
        var (input, mask, ends) = GoldenModel.Batch(file["input_ids"], file["attention_mask"]);
        return model.Forward(input, ends).squeeze(-1);
    }
}
