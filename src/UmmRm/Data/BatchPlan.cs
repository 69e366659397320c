using UmmRm.Runtime;

namespace UmmRm.Data;

/// <summary>
/// Which examples make up each optimiser step, and how a step is cut into micro-batches: a step is a random draw (so that what is learned
/// does not depend on lengths), and within it examples of like length go together until rows x longest exceeds a token budget.
/// </summary>
public static class BatchPlan
{
    /// <summary>The examples of each step of one epoch: a seeded permutation, cut into steps of <paramref name="batchSize"/>; a shorter last step is kept.</summary>
    public static IEnumerable<int[]> Epoch(int count, int batchSize, long seed, int epoch) =>
        new SeededRandom(seed).Fork($"data order, epoch {epoch}").Permutation(count).Chunk(batchSize);

    /// <summary>Number of steps of an epoch.</summary>
    public static long StepsPerEpoch(int count, int batchSize) => (count + batchSize - 1) / batchSize;

    /// <summary>Cuts examples into micro-batches of like length, longest first.</summary>
    /// <param name="examples">The examples of a step, or a whole data set to score.</param>
    /// <param name="length">Tokens of an example's row.</param>
    /// <param name="tokenBudget">Most tokens of a micro-batch, padding included; an example longer than that stands alone.</param>
    public static IEnumerable<T[]> ByLength<T>(IEnumerable<T> examples, Func<T, int> length, int tokenBudget)
    {
        var batch = new List<T>();
        var width = 0;
        foreach (var example in examples.OrderByDescending(length))
        {
            if (batch.Count > 0 && (long)(batch.Count + 1) * width > tokenBudget)
            {
                yield return [.. batch];
                batch.Clear();
            }
            if (batch.Count == 0)
                width = length(example);
            batch.Add(example);
        }
        if (batch.Count > 0)
            yield return [.. batch];
    }
}
