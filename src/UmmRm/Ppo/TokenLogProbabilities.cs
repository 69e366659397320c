using System.Runtime.InteropServices;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Ppo;

/// <summary>Log-probabilities of given tokens, a few hundred positions at a time: [n, v] logits are never held whole, a log-softmax never at all.</summary>
internal static class TokenLogProbabilities
{
    /// <summary>Most logits (positions x vocabulary) held at once.</summary>
    private const long MostLogits = 16L << 20;

    /// <summary>log softmax(target) and the softmax's entropy at each position, in nats; without gradients.</summary>
    /// <param name="hidden">[n, d] hidden states.</param>
    /// <param name="logits">The head: [m, d] -> [m, v].</param>
    /// <param name="vocabulary">v.</param>
    /// <param name="targets">[n] int64.</param>
    public static (double[] LogProbabilities, double[] Entropies) Measure(Tensor hidden, Func<Tensor, Tensor> logits, long vocabulary, Tensor targets)
    {
        using var _ = no_grad();
        var (all, entropies) = (new double[hidden.shape[0]], new double[hidden.shape[0]]);
        ForParts(hidden, logits, vocabulary, targets, (part, own, from) =>
        {
            var (found, spread) = (new double[own.shape[0]], new double[own.shape[0]]);
            if (Simd.Takes(part))
                CrossEntropy.Measure(part, own, found, spread);
            else
                (found, spread) = Plain(part, own);
            found.CopyTo(all, from);
            spread.CopyTo(entropies, from);
        });
        return (all, entropies);
    }

    /// <summary>Adds the gradients of a loss that is a function of each position's own log-probability to the hidden states and the head.</summary>
    /// <param name="hidden">[n, d] a leaf that requires gradients.</param>
    /// <param name="logits">The head: [m, d] -> [m, v].</param>
    /// <param name="vocabulary">v.</param>
    /// <param name="targets">[n] int64.</param>
    /// <param name="slope">Given a position and its log softmax(target): the loss's derivative by it. Called once a position, perhaps from several threads.</param>
    public static void Backward(Tensor hidden, Func<Tensor, Tensor> logits, long vocabulary, Tensor targets, Func<int, double, double> slope) => ForParts(hidden, logits, vocabulary, targets, (part, own, from) =>
    {
        if (Simd.Takes(part))
        {
            using var gradient = part.detach(); // the same memory: nothing reads the logits again
            CrossEntropy.ToGradient(gradient, own, (row, found) => slope(from + row, found));
            part.backward([gradient]);
            return;
        }
        var found = Own(part.to_type(ScalarType.Float32).log_softmax(-1), own);
        var slopes = Host(found).Select((value, row) => (float)slope(from + row, value)).ToArray();
        found.backward([tensor(slopes, device: found.device)]);
    });

    private static void ForParts(Tensor hidden, Func<Tensor, Tensor> logits, long vocabulary, Tensor targets, Action<Tensor, Tensor, int> action)
    {
        for (long from = 0, count; from < hidden.shape[0]; from += count)
        {
            using var scope = NewDisposeScope();
            var rest = hidden.shape[0] - from;
            count = Math.Min(rest, Math.Max(1, MostLogits / vocabulary));
            action(logits(hidden.narrow(0, from, count)), targets.narrow(0, from, count), (int)from);
        }
    }

    private static (double[] LogProbabilities, double[] Entropies) Plain(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var all = logits.to_type(ScalarType.Float32).log_softmax(-1);
        return (Host(Own(all, targets)), Host(-all.exp().mul(all).sum(dim: -1)));
    }

    private static Tensor Own(Tensor logProbabilities, Tensor targets) => logProbabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1);

    private static double[] Host(Tensor x)
    {
        using var host = x.detach().to_type(ScalarType.Float64).cpu().contiguous();
        return MemoryMarshal.Cast<byte, double>(host.bytes).ToArray();
    }
}
