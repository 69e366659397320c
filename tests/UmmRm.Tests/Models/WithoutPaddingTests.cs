using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Models;

/// <summary>Leaving padding out, leaving out what the head does not read, and caching keys change nothing.</summary>
public sealed class WithoutPaddingTests
{
    private static readonly EncodedPair[] Pairs =
    [
        new([1, .. Enumerable.Range(5, 60), 2], [1, .. Enumerable.Range(5, 30), 90, 91, 2]),
        new([1, 40, 41, 2], [1, 40, 41, 42, 43, 44, 2]),
        new([1, 60, 61, 62, 63, 64, 65, 66, 67, 2], [70, 71, 2]),
        new([1, 50, 51, 52, 53, 54, 55, 66, 67, 2], [80, 81, 2]),
    ];

    public static TheoryData<string> Names => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void RewardModel_LengthsKnown_GivesTheScoresAndGradientsOfThePaddedBatch(string name)
    {
        using var scope = NewDisposeScope();
        using var batch = PairBatch.Create(Pairs, padId: 0);
        var padded = new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps };
        var (plain, packed) = (GoldenModel.Reward(name), GoldenModel.Reward(name));
        var input = padded with { Lengths = batch.Lengths };
        Assert.Equal(Pairs.Sum(pair => pair.RowLength), (int)packed.Decoder.Begin(input, Precision.Float32).Cos.shape[1]); // padding is left out indeed
        var (expected, actual) = (plain.Forward(padded, batch.Ends, new Nobody()), packed.Forward(input, batch.Ends)); // a watcher: the last layer computes all places
        TensorAssert.Close(expected, actual, 1e-5, "scores");
        using var generator = new Generator(5);
        var outer = randn(expected.shape, generator: generator);
        (expected * outer).sum().backward();
        (actual * outer).sum().backward();
        foreach (var ((parameterName, p), (_, own)) in plain.named_parameters().Zip(packed.named_parameters()))
            TensorAssert.RelativelyClose(p.grad!, own.grad!, 1e-4, parameterName);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CausalLM_LengthsKnown_GivesTheHiddenStatesOfThePaddedBatch(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var batch = TextBatch.Create([.. Pairs.Select(pair => new EncodedText(pair.Chosen, 1))], padId: 0);
        var model = GoldenModel.LanguageModel(name);
        var padded = new TokenInput(batch.Ids, batch.Positions);
        var real = batch.Weights.unsqueeze(-1);
        TensorAssert.Close(model.Hidden(padded) * real, model.Hidden(padded with { Lengths = batch.Lengths }) * real, 1e-5, name);
        var (states, packed) = (model.Decoder.HiddenStates(padded, model.Decoder.Begin(padded, model.Precision)), model.Decoder.HiddenStates(padded with { Lengths = batch.Lengths }, model.Decoder.Begin(padded with { Lengths = batch.Lengths }, model.Precision)));
        foreach (var (state, own) in states.Zip(packed))
            TensorAssert.Close(state * real, own * real, 1e-5, name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CausalLM_CachedTokenByToken_GivesTheHiddenStatesOfTheWholeText(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.LanguageModel(name);
        var (left, mask, _) = GoldenModel.Batch(expected, "left");
        var t = left.Ids.shape[1];
        var gaps = Enumerable.Range(0, (int)left.Ids.shape[0]).Select(row => new KeyGap(0, (int)(t - mask[row].sum().item<long>()))).ToArray();
        var whole = model.Hidden(left); // by torch's operators, with a mask
        using var cache = new KeyValueCache(model.Decoder.Config.NumLayers);
        var parts = new List<Tensor>();
        foreach (var (from, count) in new[] { (0L, t - 3), (t - 3, 1L), (t - 2, 2L) })
            parts.Add(model.Hidden(new TokenInput(left.Ids.narrow(1, from, count), left.Positions.narrow(1, from, count)) { Gaps = gaps }, cache));
        TensorAssert.Close(whole * mask.unsqueeze(-1), cat(parts, 1) * mask.unsqueeze(-1), 1e-4, name);
    }

    private sealed class Nobody : IGateObserver
    {
        public void Observe(int layer, Tensor logits, Tensor indices, Tensor probabilities)
        {
        }
    }
}
