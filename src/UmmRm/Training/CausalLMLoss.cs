using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>Next-token cross-entropy in nats, with its backward pass, a few hundred positions at a time: [m, v] logits are never held whole.</summary>
public static class CausalLMLoss
{
    /// <summary>Most logits (positions x vocabulary) held at once: 16 million, 64 MB in float32.</summary>
    private const long MostLogits = 16L << 20;

    /// <summary>Adds the gradient of sum(cross-entropy) / <paramref name="normalizer"/> to the model's parameters.</summary>
    /// <param name="model">The language model that made the hidden states.</param>
    /// <param name="hidden">[m, d] hidden states after the final norm, with their graph.</param>
    /// <param name="targets">[m] int64 the tokens to predict.</param>
    /// <param name="normalizer">Tokens of the whole optimiser step, at least 1.</param>
    /// <returns>This portion's share of the mean loss, and how many targets were the most likely token.</returns>
    public static (double Loss, long Right) Backward(CausalLM model, Tensor hidden, Tensor targets, long normalizer)
    {
        using var scope = NewDisposeScope();
        if (hidden.shape[0] == 0)
            return (0, 0);
        var leaf = hidden.detach().requires_grad_();
        var (loss, right) = InParts(model, leaf, targets, normalizer, backward: true);
        hidden.backward([leaf.grad!]);
        return (loss, right);
    }

    /// <summary>The sum of the cross-entropies, and how many targets were the most likely token.</summary>
    public static (double Loss, long Right) Sum(CausalLM model, Tensor hidden, Tensor targets) => InParts(model, hidden, targets, 1, backward: false);

    private static (double Loss, long Right) InParts(CausalLM model, Tensor hidden, Tensor targets, long normalizer, bool backward)
    {
        var (loss, right) = (0.0, 0L);
        var rows = Math.Max(1, MostLogits / model.Decoder.Config.VocabSize);
        for (long from = 0; from < hidden.shape[0]; from += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, hidden.shape[0] - from);
            var chunk = targets.narrow(0, from, count);
            var logits = model.Logits(hidden.narrow(0, from, count));
            if (backward && Simd.Takes(logits))
            {
                using var gradient = logits.detach(); // the same memory: nothing reads the logits again
                var (sum, correct) = CrossEntropy.ToGradient(gradient, chunk, 1.0 / normalizer);
                logits.backward([gradient]);
                (loss, right) = (loss + sum / normalizer, right + correct);
                continue;
            }
            logits = logits.to_type(ScalarType.Float32);
            var part = nn.functional.cross_entropy(logits, chunk, reduction: nn.Reduction.Sum).Over(normalizer);
            if (backward)
                part.backward();
            loss += part.to_type(ScalarType.Float64).item<double>();
            right += logits.argmax(-1).eq(chunk).sum().item<long>();
        }
        return (loss, right);
    }
}
