using System.Text.Json.Nodes;
using UmmRm.Models;
using UmmRm.Tests.Models;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

/// <summary>Mixtures in Qwen2-MoE's words against what transformers wrote of the same mixtures.</summary>
public sealed class QwenMixtureTests
{
    public static TheoryData<string, string, string, int, double, string> Mixtures => new()
    {
        { "qwen2moe-llama-k2-alpha0.5", "llama", "llama-gqa", 2, 0.5, "k2.scores" },
        { "qwen2moe-llama-k4-alpha0.1", "llama", "llama-gqa", 4, 0.1, "k4.alpha0.1.scores" },
        { "qwen2moe-qwen2-k4-alpha0.75", "qwen2", "qwen2-untied", 4, 0.75, "k4.alpha0.75.scores" },
    };

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Write_Mixture_GivesTransformersTensorsConfigAndScores(string reference, string family, string trunk, int k, double alpha, string scores)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        using var expected = new GoldenTensors("moe", reference, "model.safetensors");
        var moe = Save(folder["moe"], file, trunk, k, alpha);
        Assert.True(QwenMixture.Write(moe, folder["out"]).Relative < 1e-7);

        using (var written = CheckpointTensors.Open(folder["out"]))
        {
            Assert.Equal(expected.Names.Order(StringComparer.Ordinal), written.Tensors.Select(info => info.Name).Order(StringComparer.Ordinal));
            Assert.All(written.Tensors, info => TensorAssert.Equal(expected[info.Name], written.ReadTensor(info.Name), info.Name));
        }
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["out"], "config.json")))!;
        Assert.All(JsonNode.Parse(File.ReadAllText(Repository.Golden("moe", reference, "config.json")))!.AsObject().Where(pair => pair.Key != "transformers_version"),
            pair => Assert.True(JsonNode.DeepEquals(pair.Value, config[pair.Key]), $"{pair.Key}: {config[pair.Key]?.ToJsonString()} where {pair.Value?.ToJsonString()} is expected"));

        var model = new RewardModel(Checkpoint.ReadConfig(folder["out"]));
        Checkpoint.LoadParameters(folder["out"], model);
        var (input, _, ends) = GoldenModel.Batch(file["input_ids"], file["attention_mask"]);
        using var noGrad = no_grad();
        if (file.Has(scores))
            TensorAssert.Close(file[scores], model.Forward(input, ends).view(-1), 1e-4);
        TensorAssert.Close(GoldenModel.Mixture(file, trunk, k, alpha).Forward(input, ends), model.Forward(input, ends), 1e-5);
    }

    [Theory]
    [InlineData(0.5, 0, 0)]
    [InlineData(0.1, 1e-4, 4e-3)]
    public void Write_BFloat16_MeasuresWhatRoundingLoses(double alpha, double low, double high)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var file = new GoldenTensors("moe", "model-llama.safetensors");
        var loss = QwenMixture.Write(Save(folder["moe"], file, "llama-gqa", 4, alpha, TensorType.BF16), folder["out"]);
        Assert.InRange(loss.Relative, low, high);
    }

    [Fact]
    public void Write_Llama3Rope_KeepsItInBothGenerationsOfWords()
    {
        var rope = HuggingFaceConfig.Read(Repository.Golden("models", "llama3-rope", "rm")).AsMixture(new MoeConfig { NumExperts = 3, TopK = 1 });
        var json = JsonNode.Parse(rope.AsQwenMixture().ToJson())!;
        Assert.Equal("llama3", (string?)json["rope_parameters"]!["rope_type"]);
        Assert.True(JsonNode.DeepEquals(json["rope_parameters"], json["rope_scaling"]));
        Assert.Equal(rope.Model.RopeScaling, rope.AsQwenMixture().Model.RopeScaling);
    }

    [Theory]
    [InlineData("neox-parallel", "a GPT-NeoX mixture cannot be written as qwen2-moe")]
    [InlineData("llama-head-dim", "its heads are")]
    public void AsQwenMixture_WhatTheClassCannotExpress_IsRefusedWithTheReason(string trunk, string complaint)
    {
        var mixture = HuggingFaceConfig.Read(Repository.Golden("models", trunk, "rm")).AsMixture(new MoeConfig { NumExperts = 8, TopK = 2 });
        Assert.Contains(complaint, Assert.Throws<ArgumentException>(mixture.AsQwenMixture).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"norm_topk_prob\": true", "\"norm_topk_prob\": false", "norm_topk_prob is false")]
    [InlineData("\"shared_expert_intermediate_size\": 80", "\"shared_expert_intermediate_size\": 81", "shared_expert_intermediate_size is 81")]
    [InlineData("\"mlp_only_layers\": []", "\"mlp_only_layers\": [1]", "mlp_only_layers is [1]")]
    public void Read_AnotherMixture_IsRefused(string from, string to, string complaint)
    {
        var text = File.ReadAllText(Repository.Golden("moe", "qwen2moe-llama-k2-alpha0.5", "config.json")).Replace(from, to, StringComparison.Ordinal);
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => HuggingFaceConfig.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SharedGateThatIsNotZero_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("moe", "qwen2moe-llama-k2-alpha0.5"), "moe");
        var tensors = Safetensors.Read(Path.Combine(folder["moe"], "model.safetensors"));
        tensors["model.layers.1.mlp.shared_expert_gate.weight"] = ones(1, 32);
        Safetensors.Write(Path.Combine(folder["moe"], "model.safetensors"), tensors);
        Assert.Contains("model.layers.1.mlp.shared_expert_gate.weight is not zero", Assert.Throws<InvalidDataException>(() => ModelTensors.Open(folder["moe"])).Message, StringComparison.Ordinal);
    }

    /// <summary>Writes a reference mixture as a folder of ours.</summary>
    private static string Save(string folder, GoldenTensors file, string trunk, int k, double alpha, TensorType? type = null)
    {
        var model = GoldenModel.Mixture(file, trunk, k, alpha);
        Checkpoint.Save(folder, HuggingFaceConfig.Read(Repository.Golden("models", trunk, "rm")).AsMixture(model.Decoder.Config.Moe!), model, type);
        return folder;
    }
}
