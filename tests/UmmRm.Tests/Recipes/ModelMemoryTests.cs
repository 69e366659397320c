using UmmRm.Models;
using UmmRm.Recipes;
using UmmRm.Runtime;

namespace UmmRm.Tests.Recipes;

public sealed class ModelMemoryTests
{
    private static readonly ModelMemory TinyLlama = new(PublishedModels.Config("tinyllama"), RewardHead: false, StoredBytes: 2);

    /// <summary>16, 18 and 8 bytes a parameter.</summary>
    [Theory]
    [InlineData(Precision.Float32, 16)]
    [InlineData(Precision.Mixed, 18)]
    [InlineData(Precision.BFloat16, 8)]
    public void Training_TinyLlama_HoldsWeightsGradientsAndMoments(Precision precision, long bytesPerParameter)
    {
        var state = TinyLlama.Training(precision, tokens: 1024, length: 512).Where(term => term.What != "activations").Sum(term => term.Bytes);
        Assert.Equal(bytesPerParameter * 1_100_048_384, state);
    }

    /// <summary>A backward pass ends with the gradients of all copies in the place of the activations; with one token those are the larger.</summary>
    [Fact]
    public void Training_MixedWithFewTokens_HoldsTheCopiesGradients()
    {
        static long Activations(IEnumerable<MemoryTerm> terms) => terms.Single(term => term.What == "activations").Bytes;
        var layers = (2 * TinyLlama.Parameters.PerLayer) + (32_000L * 2048);
        Assert.Equal(2 * 1_100_048_384L, Activations(TinyLlama.Training(Precision.Mixed, tokens: 1, length: 1)));
        Assert.Equal(2 * layers, Activations(TinyLlama.PolicyOptimization(Precision.Mixed, tokens: 1, length: 1, trainableLayers: 2, rollouts: 1)));
        Assert.InRange(Activations(TinyLlama.Training(Precision.Float32, tokens: 1, length: 1)), 1, 20 << 20);
    }

    /// <summary>By hand, d = m = 2, one head of width 2: 16 d + 4 (2 (2 + 4) + t + 2 + 2 + 4 m + d) bytes a token, t = 5.</summary>
    [Fact]
    public void Activations_OfATinyLayer_AreTheClosedForm()
    {
        var model = new ModelMemory(PublishedModels.Make(ModelFamily.Llama, 10, 2, 2, 1, 1, 1, 2, tied: true), RewardHead: true, StoredBytes: 4);
        Assert.Equal(10 * (32 + (4 * (12 + 5 + 4 + 10))), model.Activations(Precision.Float32, tokens: 10, length: 5));
        Assert.Equal(10 * (32 + (2 * (12 + 5 + 4 + 10))), model.Activations(Precision.Mixed, tokens: 10, length: 5));
    }

    [Fact]
    public void Activations_OfAMixture_GrowByAVisitedBlockForEachExpert()
    {
        ModelMemory With(int k) => TinyLlama with { Config = TinyLlama.Config with { Moe = new MoeConfig { NumExperts = 8, TopK = k } } };
        var block = 100L * 2 * ((4 * 5632) + 2048 + 2048);
        Assert.Equal(block, With(3).Activations(Precision.BFloat16, 100, 50) - With(2).Activations(Precision.BFloat16, 100, 50));
        Assert.Equal(3 * block, With(5).Activations(Precision.BFloat16, 100, 50) - With(2).Activations(Precision.BFloat16, 100, 50));
    }

    [Theory]
    [InlineData(Precision.Float32, 4)]
    [InlineData(Precision.BFloat16, 2)]
    public void Scoring_TinyLlama_HoldsTheWeightsAndOneLayer(Precision precision, long bytes)
    {
        var reward = TinyLlama with { RewardHead = true };
        var terms = reward.Scoring(precision, 1024, 512).ToDictionary(term => term.What, term => term.Bytes);
        Assert.Equal(bytes * (1_100_048_384 - (32_000L * 2048) + 2048), terms["weights"]);
        Assert.Equal(reward.Activations(precision, 1024, 512), terms["activations"]);
    }

    [Fact]
    public void Logits_OfALargeVocabulary_AreHeldInPortions()
    {
        var qwen = new ModelMemory(PublishedModels.Config("qwen2.5-0.5b"), RewardHead: false, StoredBytes: 2);
        var without = qwen with { RewardHead = true };
        long Activations(ModelMemory model) => model.Training(Precision.Float32, 8192, 512).Single(term => term.What == "activations").Bytes;
        Assert.Equal(12L * (16 << 20), Activations(qwen) - Activations(without));
    }
}
