using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>The percentile bootstrap over clusters: values of one cluster (pairs of one prompt) are drawn together, because they are not independent.</summary>
public static class ClusterBootstrap
{
    private const int Resamples = 10_000;

    /// <summary>An interval of the mean of all values, from 10,000 resamples of whole clusters.</summary>
    /// <param name="values">One or more numbers.</param>
    /// <param name="clusters">The cluster of each; a key of its own for each makes it the ordinary bootstrap.</param>
    /// <param name="random">Decides the resamples.</param>
    /// <exception cref="ArgumentException">There are no values, or not one key for each.</exception>
    public static Interval OfMean(IReadOnlyList<double> values, IReadOnlyList<string> clusters, SeededRandom random)
    {
        if (values.Count == 0 || values.Count != clusters.Count)
            throw new ArgumentException($"the bootstrap has {values.Count} values and {clusters.Count} cluster keys; it needs at least one value, and a key for each");
        var totals = values.Zip(clusters).GroupBy(row => row.Second, row => row.First).Select(group => (Sum: group.Sum(), Count: group.Count())).ToArray();
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var (sum, count) = (0.0, 0);
            for (var draw = 0; draw < totals.Length; draw++)
            {
                var cluster = totals[random.NextInt(totals.Length)];
                sum += cluster.Sum;
                count += cluster.Count;
            }
            means[i] = sum / count;
        }
        Array.Sort(means);
        return new(Quantile(means, 0.025), Quantile(means, 0.975));
    }

    /// <summary>A quantile of sorted numbers, interpolated linearly between neighbours.</summary>
    internal static double Quantile(double[] sorted, double probability)
    {
        var place = probability * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
