using System.Text.Json.Serialization;
using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>Two models' accuracies on the same pairs.</summary>
public sealed record AccuracyComparison
{
    /// <summary>The second model's accuracy.</summary>
    [JsonPropertyName("accuracy")]
    public required double OtherAccuracy { get; init; }

    /// <summary>The first model's accuracy minus the second's.</summary>
    [JsonPropertyName("difference")]
    public required double Difference { get; init; }

    /// <summary>95 % interval of <see cref="Difference"/>: bootstrap over prompts, so that pairs which share one are drawn together.</summary>
    [JsonPropertyName("difference_interval")]
    public required Interval DifferenceInterval { get; init; }

    /// <summary>The test of whether they are right equally often.</summary>
    [JsonPropertyName("mcnemar")]
    public required McNemar McNemar { get; init; }

    /// <summary>Whether McNemar's assumption of independent pairs holds: no two pairs share a prompt.</summary>
    [JsonPropertyName("independent_pairs")]
    public required bool IndependentPairs { get; init; }

    /// <summary>Compares two models.</summary>
    /// <param name="first">The pairs with the first model's scores.</param>
    /// <param name="second">The same pairs, in the same order, with the second model's.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <exception cref="ArgumentException">The pairs are not the same.</exception>
    public static AccuracyComparison Of(PairScores first, PairScores second, long seed = 0)
    {
        var different = first.Pairs.Zip(second.Pairs).Index().FirstOrDefault(row => row.Item.First.Chosen != row.Item.Second.Chosen || row.Item.First.Rejected != row.Item.Second.Rejected, (Index: -1, Item: default));
        if (first.Pairs.Count != second.Pairs.Count || different.Index >= 0)
            throw new ArgumentException($"two models are compared on the same pairs; there are {first.Pairs.Count} and {second.Pairs.Count} of them{(different.Index >= 0 ? $", and pair {different.Index} differs" : "")}");
        var indices = Enumerable.Range(0, first.Pairs.Count).ToArray();
        double[] differences = [.. indices.Select(i => (first.IsRight(i) ? 1.0 : 0) - (second.IsRight(i) ? 1 : 0))];
        return new AccuracyComparison
        {
            OtherAccuracy = indices.Count(second.IsRight) / (double)indices.Length,
            Difference = differences.Average(),
            DifferenceInterval = ClusterBootstrap.OfMean(differences, first.Prompts, new SeededRandom(seed)),
            McNemar = new(differences.Count(d => d > 0), differences.Count(d => d < 0)),
            IndependentPairs = first.Prompts.Distinct().Count() == indices.Length,
        };
    }
}
