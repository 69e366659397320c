using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>A share of pairs with its interval.</summary>
/// <param name="Value">The share: 0..1.</param>
/// <param name="Interval">Its 95 % interval.</param>
/// <param name="Method">How the interval was made, for reports.</param>
public sealed record Proportion(double Value, Interval Interval, string Method)
{
    internal const string WilsonMethod = "Wilson";
    internal const string BootstrapMethod = "bootstrap over prompts";
    internal const string WilsonOverPromptsMethod = "Wilson over prompts: no spread between them to resample";

    /// <summary>
    /// The mean of outcomes. Wilson's interval where every prompt occurs once; where prompts repeat, pairs that share one are not independent
    /// and prompts are resampled. If all prompts have the same mean, resampling would claim certainty: then Wilson's, counting prompts.
    /// </summary>
    /// <param name="outcomes">0 (lost), 1 (won) or between (a tie that counts half).</param>
    /// <param name="prompts">The prompt of each outcome.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <exception cref="ArgumentException">There are none, or not one prompt for each.</exception>
    public static Proportion Of(IReadOnlyList<double> outcomes, IReadOnlyList<string> prompts, long seed = 0)
    {
        if (outcomes.Count == 0 || outcomes.Count != prompts.Count)
            throw new ArgumentException($"a share of {outcomes.Count} outcomes of {prompts.Count} prompts; there must be at least one outcome, and a prompt for each");
        var value = outcomes.Average();
        var byPrompt = outcomes.Zip(prompts).GroupBy(row => row.Second, row => row.First).Select(group => group.Average()).ToList();
        if (byPrompt.Count == outcomes.Count)
            return new(value, Interval.Wilson(outcomes.Sum(), outcomes.Count), WilsonMethod);
        return byPrompt.Max() - byPrompt.Min() < 1e-12
            ? new(value, Interval.Wilson(value * byPrompt.Count, byPrompt.Count), WilsonOverPromptsMethod)
            : new(value, ClusterBootstrap.OfMean(outcomes, prompts, new SeededRandom(seed)), BootstrapMethod);
    }
}
