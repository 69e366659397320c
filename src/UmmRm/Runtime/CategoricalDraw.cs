using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>Draws from softmaxes by inverse transform, in one pass over the logits and without a tensor of probabilities.</summary>
internal static class CategoricalDraw
{
    /// <summary>Numbers that are summed before it is asked whether the draw lies among them.</summary>
    private const int Chunk = 64 * Lanes.Width;

    /// <summary>More than what a token of logit minus infinity counts as, e^-87, beside a sum of at least 1: such tokens are passed over.</summary>
    private const double Impossible = 1e-37;

    /// <summary>For each row, the first index whose cumulative probability exceeds the row's uniform number.</summary>
    /// <param name="logits">[b, v], one that <see cref="Simd.Takes"/>; overwritten.</param>
    /// <param name="temperature">Divides the logits, above 0.</param>
    /// <param name="uniform">[b] numbers from [0, 1).</param>
    public static long[] Draw(Tensor logits, double temperature, double[] uniform)
    {
        var (rows, width) = ((int)logits.shape[0], (int)logits.shape[1]);
        var drawn = new long[rows];
        var scale = (float)Math.Clamp(1 / temperature, 1e-30, 1e30); // beyond, a logit's product would be no number; a draw is uniform or greedy long before
        Simd.ForRows(rows, logits.NumberOfElements, (_, from, to) =>
        {
            var numbers = new TensorRows(logits, width, filling: float.NegativeInfinity);
            for (var row = from; row < to; row++)
                drawn[row] = Math.Min(width - 1, Draw(numbers.Change(row, width), scale, uniform[row]));
        });
        return drawn;
    }

    private static int Draw(Span<float> row, float scale, double uniform)
    {
        if (scale != 1)
            Lanes.Scale(row, scale);
        var largest = Lanes.Largest(row);
        var sums = new double[(row.Length + Chunk - 1) / Chunk];
        for (var i = 0; i < sums.Length; i++)
            sums[i] = Lanes.Exponentiate(Part(row, i), largest);
        var rest = uniform * sums.Sum();
        var chunk = 0;
        while (chunk < sums.Length - 1 && rest >= sums[chunk])
            rest -= sums[chunk++];
        var likely = row.IndexOf(1f); // the largest itself; the vectors' sums may be rounded above what their numbers add up to
        for (var index = chunk * Chunk; index < row.Length; index++)
        {
            if (row[index] <= Impossible)
                continue;
            likely = index;
            rest -= row[index];
            if (rest < 0)
                break;
        }
        return Math.Max(0, likely);
    }

    private static Span<float> Part(Span<float> row, int chunk) => row[(chunk * Chunk)..Math.Min(row.Length, (chunk + 1) * Chunk)];
}
