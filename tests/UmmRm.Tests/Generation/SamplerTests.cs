using UmmRm.Generation;
using UmmRm.Runtime;
using UmmRm.Tests.Models;

namespace UmmRm.Tests.Generation;

public sealed class SamplerTests
{
    private static readonly SamplingSettings Greedy = new() { Temperature = 0, MaxNewTokens = 24, EndIds = [2], PadId = 0 };

    public static TheoryData<string> Names => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Sampler_Greedy_GivesTheReferenceIdsInAnyBatch(string name)
    {
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var prompts = Rows(expected["generate.prompt_ids"]);
        var continuations = Rows(expected["generate.greedy_new_ids"]);
        var model = GoldenModel.LanguageModel(name);
        foreach (var batch in (int[])[1, 3, 32])
        {
            var generated = new Sampler(model, Greedy with { BatchSize = batch }).Generate(prompts);
            Assert.Equal(continuations, generated.Select(g => g.Ids));
            Assert.All(generated, g => Assert.Equal(g.Ids[^1] == 2, g.Ended));
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.7)]
    public void Sampler_Drawing_DependsOnSeedAndPlaceButNotOnTheBatch(double topP)
    {
        using var expected = new GoldenTensors("models", "llama-gqa", "expected.safetensors");
        var prompts = Rows(expected["generate.prompt_ids"]).Concat(Rows(expected["generate.prompt_ids"])).ToList();
        var model = GoldenModel.LanguageModel("llama-gqa");
        var settings = Greedy with { Temperature = 1, TopP = topP, Seed = 5 };
        var alone = new Sampler(model, settings with { BatchSize = 1 }).Generate(prompts);
        var together = new Sampler(model, settings).Generate(prompts);
        Assert.Equal(alone.Select(g => g.Ids), together.Select(g => g.Ids));
        Assert.NotEqual(alone.Take(4).Select(g => g.Ids), alone.Skip(4).Select(g => g.Ids));
        Assert.NotEqual(alone.Select(g => g.Ids), new Sampler(model, settings with { Seed = 6 }).Generate(prompts).Select(g => g.Ids));
    }

    [Fact]
    public void Sampler_ManyDraws_FollowTheModelsProbabilities()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var model = GoldenModel.LanguageModel("llama-gqa");
        const int Draws = 8000;
        var drawn = new Sampler(model, Greedy with { Temperature = 1.5, MaxNewTokens = 1, BatchSize = 2000 }).Generate([.. Enumerable.Repeat(new[] { 1, 5, 9 }, Draws)]);
        using var _ = TorchSharp.torch.no_grad();
        var input = new UmmRm.Models.TokenInput(TorchSharp.torch.tensor(new long[] { 1, 5, 9 }, device: ComputeDevice.Current).unsqueeze(0), TorchSharp.torch.arange(3, device: ComputeDevice.Current).unsqueeze(0));
        var probabilities = (model.Forward(input)[0, 2] / 1.5).softmax(-1).cpu().data<float>().ToArray();
        for (var id = 0; id < probabilities.Length; id++)
        {
            var share = drawn.Count(d => d.Ids[0] == id) / (double)Draws;
            Assert.True(Math.Abs(share - probabilities[id]) < 5 * Math.Sqrt(probabilities[id] / Draws) + 1e-3, $"token {id}: drawn {share}, probability {probabilities[id]}");
        }
    }

    [Fact]
    public void Sampler_PromptThatDoesNotFit_IsRefusedByNumber()
    {
        var refused = Assert.Throws<ArgumentException>(() => new Sampler(GoldenModel.LanguageModel("llama-gqa"), Greedy).Generate([[1, 2], new int[120]]));
        Assert.Contains("prompt 1 has 120 tokens", refused.Message, StringComparison.Ordinal);
    }

    private static List<int[]> Rows(TorchSharp.torch.Tensor padded) =>
        [.. Enumerable.Range(0, (int)padded.shape[0]).Select(row => padded[row].data<long>().Where(id => id != 0).Select(id => (int)id).ToArray())];
}
