using System.Text.Json.Serialization;

namespace UmmRm.Evaluation;

/// <summary>What a set of scores looks like.</summary>
public sealed record ScoreSummary
{
    /// <summary>How many scores.</summary>
    [JsonPropertyName("count")]
    public required int Count { get; init; }

    /// <summary>Their mean.</summary>
    [JsonPropertyName("mean")]
    public required double Mean { get; init; }

    /// <summary>Their standard deviation, divided by count - 1; 0 for a single score.</summary>
    [JsonPropertyName("standard_deviation")]
    public required double StandardDeviation { get; init; }

    /// <summary>The smallest.</summary>
    [JsonPropertyName("min")]
    public required double Min { get; init; }

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    [JsonPropertyName("median")]
    public required double Median { get; init; }

    /// <summary>The largest.</summary>
    [JsonPropertyName("max")]
    public required double Max { get; init; }

    /// <summary>Summarises scores.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static ScoreSummary Of(IReadOnlyList<double> scores)
    {
        if (scores.Count == 0)
            throw new ArgumentException("there are no scores to summarise");
        var mean = scores.Average();
        double[] sorted = [.. scores.Order()];
        return new ScoreSummary
        {
            Count = sorted.Length,
            Mean = mean,
            StandardDeviation = Math.Sqrt(sorted.Sum(score => (score - mean) * (score - mean)) / Math.Max(1, sorted.Length - 1)),
            Min = sorted[0],
            Median = ClusterBootstrap.Quantile(sorted, 0.5),
            Max = sorted[^1],
        };
    }
}
