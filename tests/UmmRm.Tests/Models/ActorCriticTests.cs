using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Models;

/// <summary>The policy above a stored trunk is the language model itself, and padding never matters.</summary>
public sealed class ActorCriticTests
{
    private static readonly EncodedText[] Texts =
    [
        new([1, .. Enumerable.Range(5, 60), 2], 9),
        new([1, 40, 41, 2], 2),
        new([1, 60, 61, 62, 63, 64, 65, 66, 67, 2], 9),
        new([1, 50, 51, 52, 53, 54, 55, 66, 67, 2], 3),
    ];

    public static TheoryData<string, int?, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, int?, bool>();
            foreach (var name in (string[])["llama-gqa", "qwen2-tied", "neox-parallel", "neox-sequential"])
            {
                foreach (var layers in (int?[])[1, 2, null])
                {
                    cases.Add(name, layers, true);
                    cases.Add(name, layers, false);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hidden_OverAStoredTrunk_HasTheLogitsAndGradientsOfTheWholeModel(string name, int? layers, bool packed)
    {
        using var scope = NewDisposeScope();
        var (whole, model) = (Model(name, layers), new ActorCritic(Model(name, layers), layers, valueHeadSeed: 1));
        using var batch = TextBatch.Create(packed ? Texts : [.. Texts.Skip(2)], padId: 0, ComputeDevice.Current);
        var hidden = whole.Hidden(new TokenInput(batch.Ids, batch.Positions));
        var expected = whole.Logits(hidden.view(-1, hidden.shape[2]).index_select(0, batch.PredictAt));
        var input = Input(model, batch);
        var actual = model.Logits(model.Hidden(input));
        TensorAssert.Close(expected, actual, 1e-4, "logits");
        TensorAssert.Close(expected, model.ReferenceLogits(model.ReferenceHidden(input)), 1e-4, "reference logits");
        using var generator = new Generator(5);
        var outer = randn(expected.shape, generator: generator).to(ComputeDevice.Current);
        (expected * outer).sum().backward();
        (actual * outer).sum().backward();
        var trained = model.Policy.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (parameterName, parameter) in whole.named_parameters())
        {
            if (trained[parameterName].requires_grad)
                TensorAssert.RelativelyClose(parameter.grad!, trained[parameterName].grad!, 1e-4, parameterName);
            else
                Assert.Null(trained[parameterName].grad);
        }
    }

    [Fact]
    public void Constructor_TwoOfManyLayers_TrainsThemTheFinalNormTheHeadAndTheValueHead()
    {
        var model = new ActorCritic(GoldenModel.LanguageModel("llama-gqa"), 1, valueHeadSeed: 1);
        var last = model.Policy.Decoder.Config.NumLayers - 1;
        Assert.All(model.named_parameters(), p => Assert.Equal(
            p.name.Contains($".layers.{last}.", StringComparison.Ordinal) || p.name is "policy.model.norm.weight" or "policy.lm_head.weight" || p.name.StartsWith("value.", StringComparison.Ordinal), p.parameter.requires_grad));
    }

    [Fact]
    public void Reference_AfterThePolicyChanged_IsThePolicyAsItWas()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var layers in (int?[])[1, null])
        {
            var model = new ActorCritic(Model("qwen2-tied", layers), layers, valueHeadSeed: 1);
            using var batch = TextBatch.Create(Texts, padId: 0, ComputeDevice.Current);
            var before = model.Logits(model.Hidden(Input(model, batch)));
            foreach (var parameter in model.Policy.parameters().Where(p => p.requires_grad))
                parameter.mul_(1.5);
            var input = Input(model, batch);
            TensorAssert.Close(before, model.ReferenceLogits(model.ReferenceHidden(input)), 1e-5);
            Assert.True((before - model.Logits(model.Hidden(input))).abs().max().item<float>() > 0.1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    public void Constructor_ImpossibleNumberOfLayers_Throws(int layers) =>
        Assert.Contains($"trainable_layers is {layers}", Assert.Throws<ArgumentException>(() => new ActorCritic(GoldenModel.LanguageModel("llama-gqa"), layers, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Constructor_TiedHeadAboveAFrozenEmbedding_Throws() =>
        Assert.Contains("tied", Assert.Throws<ArgumentException>(() => new ActorCritic(GoldenModel.LanguageModel("qwen2-tied"), 1, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void ValueHead_Forward_IsTwoAffineMapsWithReluBetween()
    {
        using var scope = NewDisposeScope();
        var head = new ValueHead(6, Precision.Float32, seed: 3);
        var p = head.named_parameters().ToDictionary(x => x.name, x => (Tensor)x.parameter);
        using var generator = new Generator(2);
        var x = randn([5, 6], generator: generator).to(ComputeDevice.Current);
        var expected = (x.matmul(p["widen.weight"].t()) + p["widen.bias"]).clamp_min(0).matmul(p["narrow.weight"].t()) + p["narrow.bias"];
        Assert.Equal([12, 6], p["widen.weight"].shape);
        TensorAssert.Close(expected.squeeze(-1), head.Forward(x), 1e-6);
        Assert.All(p, pair => Assert.InRange(pair.Value.abs().max().item<float>(), 0.05, 1 / Math.Sqrt(pair.Key.StartsWith("widen", StringComparison.Ordinal) ? 6 : 12)));
    }

    private static CausalLM Model(string name, int? layers) => layers is null ? GoldenModel.LanguageModel(name) : GoldenModel.LanguageModel(name).Untied();

    private static ResponseInput Input(ActorCritic model, TextBatch batch)
    {
        var input = new ResponseInput(new TokenInput(batch.Ids, batch.Positions) { Lengths = batch.Lengths }, [.. batch.Texts.Select(text => text.ResponseStart)]);
        return model.HasTrunk ? input with { Trunk = model.Trunk(input.Input), TrunkStarts = [.. batch.Lengths.Select((_, row) => batch.Lengths.Take(row).Sum())] } : input;
    }
}
