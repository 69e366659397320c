using System.Text.Json.Serialization;

namespace UmmRm.Evaluation;

/// <summary>
/// How often a reward model scores the chosen side higher, beside what knowing nothing but lengths (or authors) would reach. Written as JSON it is
/// the document of <c>ummrm eval --json</c>.
/// </summary>
public sealed record PairwiseAccuracy
{
    /// <summary>How many pairs there were.</summary>
    [JsonPropertyName("pairs")]
    public required int Pairs { get; init; }

    /// <summary>How many different prompts they have.</summary>
    [JsonPropertyName("prompts")]
    public required int Prompts { get; init; }

    /// <summary>Share of the pairs whose chosen side scores higher; a tie is wrong.</summary>
    [JsonPropertyName("accuracy")]
    public required double Accuracy { get; init; }

    /// <summary>95 % interval of <see cref="Accuracy"/>.</summary>
    [JsonPropertyName("interval")]
    public required Interval Interval { get; init; }

    /// <summary>How that interval was made: Wilson's, or by resampling prompts where prompts repeat.</summary>
    [JsonPropertyName("interval_method")]
    public required string IntervalMethod { get; init; }

    /// <summary>Pairs whose sides score exactly the same.</summary>
    [JsonPropertyName("ties")]
    public required int Ties { get; init; }

    /// <summary>Mean of chosen minus rejected, in the reward's own unit.</summary>
    [JsonPropertyName("mean_margin")]
    public required double MeanMargin { get; init; }

    /// <summary>Whether the model is reliably worse than a coin: the interval's upper end is below one half.</summary>
    [JsonPropertyName("below_chance")]
    public bool BelowChance => Interval.High < 0.5;

    /// <summary>Accuracy of 'the longer answer is better', in characters; equal lengths count one half.</summary>
    [JsonPropertyName("length_baseline")]
    public required double LengthBaseline { get; init; }

    /// <summary>95 % interval of <see cref="LengthBaseline"/>.</summary>
    [JsonPropertyName("length_baseline_interval")]
    public required Interval LengthBaselineInterval { get; init; }

    /// <summary>Accuracy of <see cref="ModelIdentityBaseline"/>; null when it is not known who wrote the answers.</summary>
    [JsonPropertyName("model_baseline")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ModelBaseline { get; init; }

    /// <summary>95 % interval of <see cref="ModelBaseline"/>.</summary>
    [JsonPropertyName("model_baseline_interval")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? ModelBaselineInterval { get; init; }

    /// <summary>The comparison with another model on the same pairs; null when none was asked for.</summary>
    [JsonPropertyName("against")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AccuracyComparison? Against { get; init; }

    /// <summary>Measures accuracy and baselines.</summary>
    /// <param name="scores">Pairs with the model's scores.</param>
    /// <param name="modelIdentity">Outcomes of the model-identity baseline on the same pairs, from <see cref="ModelIdentityBaseline.Outcomes"/>; or null.</param>
    /// <param name="seed">Decides the resamples where prompts repeat.</param>
    /// <exception cref="ArgumentException">The baseline has not one outcome for each pair.</exception>
    public static PairwiseAccuracy Measure(PairScores scores, IReadOnlyList<double>? modelIdentity = null, long seed = 0)
    {
        var indices = Enumerable.Range(0, scores.Pairs.Count).ToArray();
        var accuracy = Proportion.Of([.. indices.Select(i => scores.IsRight(i) ? 1.0 : 0.0)], scores.Prompts, seed);
        var length = Proportion.Of([.. scores.Pairs.Select(pair => Outcome(pair.Chosen.Length, pair.Rejected.Length))], scores.Prompts, seed);
        var identity = modelIdentity is null ? null : Proportion.Of(modelIdentity, scores.Prompts, seed);
        return new PairwiseAccuracy
        {
            Pairs = indices.Length,
            Prompts = scores.Prompts.Distinct().Count(),
            Accuracy = accuracy.Value,
            Interval = accuracy.Interval,
            IntervalMethod = accuracy.Method,
            Ties = indices.Count(i => scores.Chosen[i] == scores.Rejected[i]),
            MeanMargin = indices.Average(i => scores.Chosen[i] - scores.Rejected[i]),
            LengthBaseline = length.Value,
            LengthBaselineInterval = length.Interval,
            ModelBaseline = identity?.Value,
            ModelBaselineInterval = identity?.Interval,
        };
    }

    /// <summary>1 when the chosen side has more, 0 when the other has, one half when they have the same.</summary>
    internal static double Outcome(double chosen, double rejected) => chosen > rejected ? 1 : chosen < rejected ? 0 : 0.5;
}
