namespace UmmRm.Evaluation;

/// <summary>Best-of-n: the gold reward of the sample that a proxy likes best among n.</summary>
public static class BestOfN
{
    /// <summary>
    /// The unbiased estimate from N samples of one prompt: R_n = sum_{i=n..N} C(i-1, n-1) / C(N, n) gold(y_(i)), samples in ascending order of proxy
    /// (METHOD 8). Samples of equal proxy share their weights: the average over their orders.
    /// </summary>
    /// <param name="proxy">The proxy's score of each sample.</param>
    /// <param name="gold">The gold reward of each.</param>
    /// <param name="n">How many samples the proxy chooses from: 1 .. N.</param>
    /// <exception cref="ArgumentException">n is out of range, or the lists differ in length.</exception>
    /// <exception cref="InvalidDataException">A proxy score is NaN; the message names its index.</exception>
    public static double ExpectedGold(IReadOnlyList<double> proxy, IReadOnlyList<double> gold, int n) => ExpectedGold(proxy, gold, [Weights(proxy.Count, n)])[0];

    /// <summary>The same for several n, given as their weights: the samples are sorted once.</summary>
    internal static double[] ExpectedGold(IReadOnlyList<double> proxy, IReadOnlyList<double> gold, IReadOnlyList<double[]> weights)
    {
        if (proxy.Count != gold.Count)
            throw new ArgumentException($"best-of-n has {proxy.Count} proxy and {gold.Count} gold scores; each sample needs one of each");
        if (proxy.Index().FirstOrDefault(score => double.IsNaN(score.Item), (Index: -1, Item: 0)) is { Index: >= 0 } bad)
            throw new InvalidDataException($"sample {bad.Index} has proxy score NaN; samples without a score cannot be ordered");
        var order = Enumerable.Range(0, proxy.Count).OrderBy(i => proxy[i]).ToArray();
        var expected = new double[weights.Count];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && proxy[order[end]] == proxy[order[start]];)
                end++;
            var mean = order[start..end].Average(i => gold[i]);
            for (var n = 0; n < weights.Count; n++)
                expected[n] += weights[n][start..end].Sum() * mean;
        }
        return expected;
    }

    /// <summary>How far best-of-n travels from the policy that it samples: ln n - (n - 1) / n nats, an upper bound that is exact where no two samples are alike.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is below 1.</exception>
    public static double KullbackLeibler(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        return Math.Log(n) - ((n - 1.0) / n);
    }

    /// <summary>C(i-1, n-1) / C(N, n) for i = 1 .. N: the probability that the sample with the i-th lowest proxy is the best of n.</summary>
    internal static double[] Weights(int samples, int n)
    {
        if (n < 1 || n > samples)
            throw new ArgumentException($"best-of-{n} from {samples} samples; n must be 1..{samples}");
        var weights = new double[samples];
        weights[^1] = (double)n / samples;
        for (var i = samples - 1; i >= n; i--)
            weights[i - 1] = weights[i] * (i - n + 1) / i; // C(i-1, n-1) / C(i, n-1)
        return weights;
    }
}
