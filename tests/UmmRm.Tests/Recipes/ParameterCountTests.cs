using UmmRm.Models;
using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class ParameterCountTests
{
    /// <summary>The published numbers of parameters.</summary>
    [Theory]
    [InlineData("tinyllama", 1_100_048_384)]
    [InlineData("qwen2.5-0.5b", 494_032_768)]
    [InlineData("qwen2.5-1.5b", 1_543_714_304)]
    [InlineData("pythia-1.4b", 1_414_647_808)]
    public void Of_PublishedModels_AreTheirPublishedCounts(string model, long parameters) =>
        Assert.Equal(parameters, ParameterCount.Of(PublishedModels.Config(model), rewardHead: false).Total);

    /// <summary>Counted in the headers of transformers' own files of these tiny models (Golden/models).</summary>
    [Theory]
    [InlineData(ModelFamily.Llama, 32, 80, 3, 4, 2, 8, false, 38_624, 35_584)]
    [InlineData(ModelFamily.Llama, 24, 48, 2, 2, 2, 16, true, 15_480, 15_504)]
    [InlineData(ModelFamily.Llama, 32, 64, 2, 4, 1, 8, false, 23_712, 20_672)]
    [InlineData(ModelFamily.Qwen2, 32, 88, 3, 4, 2, 8, true, 38_048, 38_080)]
    [InlineData(ModelFamily.Qwen2, 32, 88, 2, 4, 4, 8, false, 31_584, 28_544)]
    [InlineData(ModelFamily.GptNeoX, 32, 128, 3, 4, 4, 8, false, 44_320, 41_280)]
    [InlineData(ModelFamily.GptNeoX, 32, 96, 2, 2, 2, 16, false, 27_456, 24_416)]
    public void Of_TinyModels_AreTheValuesInTheirFiles(ModelFamily family, int hidden, int width, int layers, int heads, int keyValueHeads, int headDim, bool tied, long languageModel, long rewardModel)
    {
        var config = PublishedModels.Make(family, 96, hidden, width, layers, heads, keyValueHeads, headDim, tied);
        Assert.Equal(languageModel, ParameterCount.Of(config, rewardHead: false).Total);
        Assert.Equal(rewardModel, ParameterCount.Of(config, rewardHead: true).Total);
    }

    [Fact]
    public void Of_TinyLlamaWithEightExperts_Is6Billion()
    {
        var config = PublishedModels.Config("tinyllama") with { Moe = new MoeConfig { NumExperts = 8, TopK = 4 } };
        const long dense = 1_100_048_384 - (32_000L * 2048) + 2048; // without the LM head, with a scalar one
        const long block = 3L * 2048 * 5632;
        Assert.Equal(dense + (22 * ((7 * block) + (7 * 2048))), ParameterCount.Of(config, rewardHead: true).Total);
    }
}
