using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Tests.Models;

/// <summary>Every model against what transformers computed with the same weights (Golden/models).</summary>
public sealed class ModelParityTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Names => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void CausalLM_PaddedOnEitherSide_GivesTheReferenceLogits(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.LanguageModel(name);
        foreach (var side in (string[])["right", "left"])
        {
            var (input, mask, _) = GoldenModel.Batch(expected, side);
            var logits = model.Forward(input) * mask.unsqueeze(-1);
            TensorAssert.Close(expected[$"lm.{side}.logits"], logits, Tolerance, $"{name} {side} logits");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CausalLM_EveryLayer_GivesTheReferenceHiddenStates(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.LanguageModel(name);
        var (input, mask, _) = GoldenModel.Batch(expected, "right");
        var states = model.Decoder.HiddenStates(input, model.Decoder.Begin(input, model.Precision));
        for (var i = 0; i < states.Count; i++)
            TensorAssert.Close(expected[$"lm.right.hidden.{i}"], states[i] * mask.unsqueeze(-1), Tolerance, $"{name} hidden {i}");
        Assert.False(expected.Has($"lm.right.hidden.{states.Count}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CausalLM_RightPaddedWithoutMask_GivesTheSameAsWithMask(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.LanguageModel(name);
        var (input, mask, _) = GoldenModel.Batch(expected, "right");
        TensorAssert.Close(expected["lm.right.logits"], model.Forward(input with { MayAttend = null }) * mask.unsqueeze(-1), Tolerance, name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CausalLM_MeanCrossEntropy_GivesTheReferenceGradients(string name)
    {
        using var scope = NewDisposeScope();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.LanguageModel(name);
        var (input, mask, _) = GoldenModel.Batch(expected, "right");
        var t = input.Ids.shape[1];
        var logProbabilities = model.Forward(input).narrow(1, 0, t - 1).log_softmax(-1);
        var real = mask.narrow(1, 1, t - 1);
        var picked = logProbabilities.gather(-1, input.Ids.narrow(1, 1, t - 1).unsqueeze(-1)).squeeze(-1) * real;
        TensorAssert.Close(expected["lm.token_log_probs"], picked, Tolerance, $"{name} log probabilities");
        (-picked.sum() / real.sum()).backward();
        AssertGradients(model, expected, "lm");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void RewardModel_PaddedOnEitherSideOrNot_GivesTheReferenceScores(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.Reward(name);
        foreach (var side in (string[])["right", "left"])
        {
            var (input, mask, ends) = GoldenModel.Batch(expected, side);
            TensorAssert.Close(expected["rm.scores"], model.Forward(input, ends).squeeze(-1), Tolerance, $"{name} {side}");
        }
        var (whole, all, _) = GoldenModel.Batch(expected, "right");
        for (var row = 0; row < whole.Ids.shape[0]; row++)
        {
            var length = all[row].sum().item<long>();
            var alone = new TokenInput(whole.Ids.narrow(0, row, 1).narrow(1, 0, length), arange(length, device: whole.Ids.device).unsqueeze(0));
            TensorAssert.Close(expected["rm.scores"].narrow(0, row, 1), model.Forward(alone, tensor(length - 1, device: whole.Ids.device).view(1, 1)).view(1), Tolerance, $"{name} row {row} alone");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void RewardModel_BradleyTerryLoss_GivesTheReferenceGradients(string name)
    {
        using var scope = NewDisposeScope();
        using var expected = new GoldenTensors("models", name, "expected.safetensors");
        var model = GoldenModel.Reward(name);
        var (input, _, ends) = GoldenModel.Batch(expected, "right");
        var scores = model.Forward(input, ends).view(-1, 2);
        (-nn.functional.logsigmoid(scores.select(1, 0) - scores.select(1, 1)).mean()).backward();
        AssertGradients(model, expected, "rm");
    }

    /// <summary>transformers 5 calls GPT-NeoX's head lm_head in memory and embed_out in the file.</summary>
    private static string InMemoryName(string name) => name.Replace("embed_out", "lm_head", StringComparison.Ordinal);

    private static void AssertGradients(nn.Module model, GoldenTensors expected, string prefix)
    {
        foreach (var (name, parameter) in model.named_parameters())
            TensorAssert.RelativelyClose(expected[$"{prefix}.grad.{InMemoryName(name)}"], parameter.grad!, Tolerance, name);
    }
}
