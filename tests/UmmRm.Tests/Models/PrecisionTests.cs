using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Models;

/// <summary>The lower precisions against the reference values: bfloat16 keeps 8 bits, so these models are small, random and sharp, and a few hundredths of the largest score are its roundings.</summary>
public sealed class PrecisionTests
{
    public static TheoryData<string> Names => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void RewardModel_Mixed_GivesTheReferenceScoresAndGradientsWithinBFloat16(string name)
    {
        using var scope = NewDisposeScope();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.Reward(name, Precision.Mixed);
        var (input, _, ends) = GoldenModel.Batch(expected, "right");
        foreach (var same in (TokenInput[])[input, input with { MayAttend = null }]) // torch's operators, then the kernels
        {
            model.zero_grad();
            var scores = model.Forward(same, ends).view(-1, 2);
            TensorAssert.RelativelyClose(expected["rm.scores"], scores.view(-1), 4e-2, "scores");
            (-nn.functional.logsigmoid(scores.select(1, 0) - scores.select(1, 1)).mean()).backward();
            foreach (var (parameterName, parameter) in model.named_parameters())
            {
                Assert.Equal(ScalarType.Float32, parameter.grad!.dtype);
                TensorAssert.RelativelyClose(expected[$"rm.grad.{parameterName}"], parameter.grad!, 0.1, parameterName);
            }
        }
    }

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("neox-parallel")]
    public void RewardModel_BFloat16_GivesTheReferencesBFloat16Scores(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        using var weights = new GoldenTensors("models", name, "rm-bfloat16", "model.safetensors");
        var model = new RewardModel(GoldenModel.Config(name), Precision.BFloat16);
        GoldenModel.Fill(model, weights);
        var (input, _, ends) = GoldenModel.Batch(expected, "right");
        foreach (var same in (TokenInput[])[input, input with { MayAttend = null }])
        {
            var scores = model.Forward(same, ends).squeeze(-1);
            TensorAssert.RelativelyClose(expected["rm-bfloat16.scores_computed_in_bfloat16"], scores, 3e-2, "against bfloat16");
            TensorAssert.RelativelyClose(expected["rm-bfloat16.scores_computed_in_float32"], scores, 3e-2, "against float32");
        }
    }

    [Fact]
    public void FixWeights_MixedPrecision_GivesTheSameLogitsAndNoGradientIsLost()
    {
        using var scope = NewDisposeScope();
        using var expected = new GoldenTensors("models", "qwen2-tied", "expected.safetensors");
        var model = GoldenModel.LanguageModel("qwen2-tied", Precision.Mixed);
        var (input, _, _) = GoldenModel.Batch(expected, "right");
        var plain = model.Forward(input);
        using (model.Decoder.FixWeights())
        {
            using (no_grad())
            {
                TensorAssert.Equal(plain.detach(), model.Forward(input));
                model.Decoder.Embedding.mul_(2);
                TensorAssert.Equal(model.Forward(input), model.Forward(input));
            }
            model.Forward(input).sum().backward();
        }
        Assert.All(model.named_parameters(), p => Assert.NotNull(p.parameter.grad));
    }

    [Theory]
    [InlineData("llama-gqa", 0)]
    [InlineData("neox-parallel", 0)]
    [InlineData("qwen2-tied", 1e-6)] // the embedding's own gradients and the head's are added in another order
    public void FixWeights_SeveralPassesOfAStep_AddUpToTheSameGradients(string name, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var (input, _, _) = GoldenModel.Batch(expected, "right");
        var plain = GoldenModel.LanguageModel(name, Precision.Mixed);
        var fixedOnce = GoldenModel.LanguageModel(name, Precision.Mixed);
        using (fixedOnce.Decoder.FixWeights())
        {
            Assert.Null(fixedOnce.Decoder.FixWeights());
            foreach (var model in (CausalLM[])[plain, fixedOnce])
            {
                for (var pass = 1; pass <= 3; pass++)
                    (model.Forward(input) * pass).pow(2).sum().backward();
            }
        }
        foreach (var ((key, one), (_, other)) in plain.named_parameters().Zip(fixedOnce.named_parameters()))
        {
            Assert.Equal(ScalarType.Float32, other.grad!.dtype);
            TensorAssert.RelativelyClose(one.grad!, other.grad!, tolerance, key);
        }
    }

    [Fact]
    public void FixWeights_WhatIsNoParameter_IsNotKept()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", "neox-parallel", "expected.safetensors");
        var model = GoldenModel.LanguageModel("neox-parallel", Precision.Mixed);
        using var fixedWeights = model.Decoder.FixWeights();
        var context = model.Decoder.Begin(GoldenModel.Batch(expected, "right").Input, Precision.Mixed);
        var activations = ones(3);
        Assert.Same(context.Cast(model.Decoder.Embedding), context.Cast(model.Decoder.Embedding));
        Assert.NotSame(context.Cast(activations), context.Cast(activations));
    }
}
