using UmmRm.Tests.Models;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

public sealed class WeightAveragingTests
{
    [Theory]
    [InlineData("llama-gqa", null)]
    [InlineData("neox-parallel", new[] { 1.0, 2.0, 5.0 })]
    public void Write_ThreeModels_GivesTheirWeightedMean(string name, double[]? weights)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var folders = Variants(folder, name, 3);
        WeightAveraging.Write(folders, weights, folder["mean"]);
        var models = folders.Select(path => Safetensors.Read(Path.Combine(path, "model.safetensors"))).ToList();
        var shares = (weights ?? [1, 1, 1]).Select(weight => weight / (weights ?? [1, 1, 1]).Sum()).ToList();
        foreach (var (tensor, mean) in Safetensors.Read(folder["mean/model.safetensors"]))
        {
            var expected = zeros_like(mean, dtype: ScalarType.Float64);
            for (var i = 0; i < 3; i++)
                expected += models[i][tensor].to_type(ScalarType.Float64) * shares[i];
            TensorAssert.Close(expected, mean, 1e-6, tensor);
        }
        Assert.Empty(HuggingFaceConfig.Read(folders[0]).DifferencesFrom(HuggingFaceConfig.Read(folder["mean"])));
    }

    [Theory]
    [InlineData("llama-gqa", "rm-bfloat16")]
    [InlineData("qwen2-tied", "rm")]
    public void Write_EqualModels_GivesTheSameBytes(string name, string kind)
    {
        using var folder = new TemporaryFolder();
        var model = Repository.Golden("models", name, kind);
        WeightAveraging.Write([model, model, model], null, folder["mean"]);
        Assert.Equal(File.ReadAllBytes(Path.Combine(model, "model.safetensors")), File.ReadAllBytes(folder["mean/model.safetensors"]));
    }

    [Fact]
    public void Write_WhatCannotBeAveraged_IsRefusedWithTheReason()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "a"), folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "b"));
        AssertRefused("num_hidden_layers is 3 and 2", a, Repository.Golden("models", "llama3-rope", "rm"));
        AssertRefused("\"reward model\" and \"language model\"", a, Repository.Golden("models", "llama-gqa", "lm"));
        AssertRefused("is BF16 [", a, Repository.Golden("models", "llama-gqa", "rm-bfloat16"));
        File.WriteAllText(Path.Combine(a, "tokenizer.json"), "{}");
        AssertRefused("differ in tokenizer.json", a, b);
        File.WriteAllText(Path.Combine(b, "tokenizer.json"), "{ }");
        AssertRefused("differ in tokenizer.json", a, b);
        File.WriteAllText(Path.Combine(b, "tokenizer.json"), "{}");
        new RewardMetadata { Template = "alpaca", AppendEos = true }.Write(a);
        new RewardMetadata { Template = "coste", AppendEos = true }.Write(b);
        AssertRefused("template alpaca", a, b);
        new RewardMetadata { Template = "alpaca", AppendEos = true, MaxLength = 9 }.Write(b);
        WeightAveraging.Write([a, b], null, folder["mean"]);
        Assert.Equal("alpaca", RewardMetadata.Read(folder["mean"])!.TemplateName);

        void AssertRefused(string reason, params string[] folders) =>
            Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => WeightAveraging.Write(folders, null, folder["out"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ExtraTensor_IsNamed()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (a, b) = (folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "a"), folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "b"));
        var tensors = Safetensors.Read(Path.Combine(b, "model.safetensors"));
        tensors["extra"] = zeros(1);
        Safetensors.Write(Path.Combine(b, "model.safetensors"), tensors);
        Assert.Contains("has extra", Assert.Throws<InvalidDataException>(() => WeightAveraging.Write([a, b], null, folder["out"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, new[] { 1.0 })]
    [InlineData(2, new[] { 1.0, -1.0 })]
    [InlineData(2, new[] { 0.0, 0.0 })]
    [InlineData(2, new[] { double.NaN, 1.0 })]
    [InlineData(2, new[] { double.PositiveInfinity, 1.0 })]
    public void Write_ImpossibleWeights_AreRefused(int models, double[]? weights)
    {
        using var folder = new TemporaryFolder();
        var model = Repository.Golden("models", "llama-gqa", "rm");
        Assert.Throws<ArgumentException>(() => WeightAveraging.Write([.. Enumerable.Repeat(model, models)], weights, folder["out"]));
        Assert.Empty(folder.Entries);
    }

    /// <summary>Copies of a reward model whose tensors are moved by different random amounts.</summary>
    private static List<string> Variants(TemporaryFolder folder, string name, int count)
    {
        var folders = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var model = GoldenModel.Reward(name);
            var generator = new Generator(70 + (ulong)i);
            foreach (var parameter in model.parameters())
                parameter.add_(randn(parameter.shape, generator: generator));
            folders.Add(folder[$"variant{i}"]);
            Checkpoint.Save(folders[i], HuggingFaceConfig.Read(Repository.Golden("models", name, "rm")), model);
        }
        return folders;
    }
}
