using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>Cross-entropy and its gradient in one pass: logits are read once and their gradient takes their place in memory.</summary>
internal static class CrossEntropy
{
    /// <summary>Replaces logits by (softmax - onehot(target)) * scale.</summary>
    /// <param name="logits">[n, v], one that <see cref="Simd.Takes"/>; overwritten.</param>
    /// <param name="targets">[n] int64.</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <returns>The sum of -log softmax(target) in nats, and how many targets were their row's first largest logit.</returns>
    public static (double Sum, long Right) ToGradient(Tensor logits, Tensor targets, double scale)
    {
        var (rows, width) = ((int)logits.shape[0], (int)logits.shape[1]);
        using var host = targets.contiguous();
        var parts = new (double Sum, long Right)[Simd.Parts(rows, logits.NumberOfElements)];
        Simd.ForRows(rows, logits.NumberOfElements, (part, from, to) =>
        {
            var changed = new TensorRows(logits, width, filling: float.NegativeInfinity);
            var wanted = MemoryMarshal.Cast<byte, long>(host.bytes);
            for (var row = from; row < to; row++)
            {
                var (loss, right) = Row(changed.Change(row, width), Known(wanted[row], width), (float)scale);
                changed.Written(row);
                parts[part] = (parts[part].Sum + loss, parts[part].Right + (right ? 1 : 0));
            }
        });
        return (parts.Sum(part => part.Sum), parts.Sum(part => part.Right));
    }

    /// <summary>Replaces logits by the gradient of a loss that is a function of each row's own log softmax(target).</summary>
    /// <param name="logits">[n, v], one that <see cref="Simd.Takes"/>; overwritten.</param>
    /// <param name="targets">[n] int64.</param>
    /// <param name="slope">Given a row's index and its log softmax(target) in nats: the loss's derivative by it. Called once a row, perhaps from several threads.</param>
    public static void ToGradient(Tensor logits, Tensor targets, Func<int, double, double> slope) => ForRows(logits, targets, (changed, row, target, width) =>
    {
        var numbers = changed.Change(row, width);
        var largest = Lanes.Largest(numbers);
        var own = numbers[target] - largest;
        var sum = Lanes.Exponentiate(numbers, largest);
        var scale = (float)-slope(row, own - Math.Log(sum));
        Lanes.Scale(numbers, scale / sum);
        numbers[target] -= scale;
        changed.Written(row);
    });

    /// <summary>log softmax(target) of each row and the entropy of its softmax, in nats.</summary>
    /// <param name="logits">[n, v], one that <see cref="Simd.Takes"/>; not changed.</param>
    /// <param name="targets">[n] int64.</param>
    /// <param name="logProbabilities">[n], filled.</param>
    /// <param name="entropies">[n], filled.</param>
    public static void Measure(Tensor logits, Tensor targets, double[] logProbabilities, double[] entropies) => ForRows(logits, targets, (read, row, target, width) =>
    {
        var numbers = read.Read(row);
        var largest = Lanes.Largest(numbers);
        var (sum, weighted) = Lanes.ExponentialSums(numbers, largest);
        var logSum = Math.Log(sum);
        logProbabilities[row] = numbers[target] - largest - logSum;
        entropies[row] = logSum - weighted / sum;
    });

    private delegate void RowAction(TensorRows rows, int row, int target, int width);

    private static void ForRows(Tensor logits, Tensor targets, RowAction action)
    {
        var (rows, width) = ((int)logits.shape[0], (int)logits.shape[1]);
        using var host = targets.contiguous();
        Simd.ForRows(rows, logits.NumberOfElements, (_, from, to) =>
        {
            var numbers = new TensorRows(logits, width, filling: float.NegativeInfinity);
            var wanted = MemoryMarshal.Cast<byte, long>(host.bytes);
            for (var row = from; row < to; row++)
                action(numbers, row, Known(wanted[row], width), width);
        });
    }

    /// <summary>A target, which must be a number of its row: the row's last vector goes on beyond it.</summary>
    private static int Known(long target, int width) =>
        target >= 0 && target < width ? (int)target : throw new ArgumentOutOfRangeException(nameof(target), target, $"a target must be a token of the vocabulary, 0 to {width - 1}");

    private static (double Loss, bool Right) Row(Span<float> row, int target, float scale)
    {
        var largest = Lanes.Largest(row);
        var right = row.IndexOf(largest) == target;
        var own = row[target] - largest;
        var sum = Lanes.Exponentiate(row, largest);
        Lanes.Scale(row, scale / sum);
        row[target] -= scale;
        return (Math.Log(sum) - own, right);
    }
}
