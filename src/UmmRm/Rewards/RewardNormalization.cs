namespace UmmRm.Rewards;

/// <summary>The shift and scale that give a reward mean 0 and standard deviation 1 on reference samples; serialises as it is.</summary>
/// <param name="Mean">Mean of the raw scores of the reference samples.</param>
/// <param name="StandardDeviation">Their standard deviation (unbiased: divided by count - 1); above 0.</param>
/// <param name="Count">How many reference samples there were.</param>
public sealed record RewardNormalization(double Mean, double StandardDeviation, int Count)
{
    /// <summary>Fits shift and scale to scores of reference samples.</summary>
    /// <exception cref="ArgumentException">There are fewer than two scores, one is not finite, or all are equal.</exception>
    public static RewardNormalization Fit(IReadOnlyList<double> scores)
    {
        if (scores.Count < 2)
            throw new ArgumentException($"a reward is normalised on at least 2 reference samples; there are {scores.Count}");
        var bad = scores.Index().FirstOrDefault(score => !double.IsFinite(score.Item), (Index: -1, Item: 0));
        if (bad.Index >= 0)
            throw new ArgumentException($"reference score {bad.Index} is {bad.Item}; a reward is normalised on finite scores");
        var mean = scores.Average();
        var deviation = Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)) / (scores.Count - 1));
        if (deviation <= 1e-12 * Math.Abs(mean))
            throw new ArgumentException($"all {scores.Count} reference samples score {mean}; a reward that does not vary cannot be given standard deviation 1: use more varied reference samples or a reward model that has learned something");
        return new(mean, deviation, scores.Count);
    }

    /// <summary>(score - mean) / standard deviation.</summary>
    public double Apply(double score) => (score - Mean) / StandardDeviation;
}
