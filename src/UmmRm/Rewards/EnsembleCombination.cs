namespace UmmRm.Rewards;

/// <summary>How an ensemble makes one score of its members' scores r_1 .. r_n (Coste et al., arXiv 2310.02743).</summary>
public sealed class EnsembleCombination
{
    private EnsembleCombination(string name, string description, int fewestMembers, Func<double[], double> combine) =>
        (Name, Description, FewestMembers, Combine) = (name, description, fewestMembers, combine);

    /// <summary>mean_i r_i.</summary>
    public static EnsembleCombination Mean { get; } = new("mean", "mean of the members", 1, scores => scores.Average());

    /// <summary>Worst-case optimisation: min_i r_i.</summary>
    public static EnsembleCombination WorstCase { get; } = new("wco", "smallest of the members", 1, scores => scores.Min());

    /// <summary>UWO as in PPO: lambda 0.1 and the unbiased variance.</summary>
    public static EnsembleCombination UncertaintyWeighted { get; } = UncertaintyWeightedBy(0.1, degreesOfFreedomLost: 1);

    /// <summary>UWO as in best-of-n and pairwise accuracy: lambda 0.5 and the population variance.</summary>
    public static EnsembleCombination UncertaintyWeightedSelection { get; } = UncertaintyWeightedBy(0.5, degreesOfFreedomLost: 0);

    /// <summary><c>mean</c>, <c>wco</c> or <c>uwo</c>.</summary>
    public string Name { get; }

    /// <summary>The rule in words, for reports: with lambda and what the variance is divided by.</summary>
    public string Description { get; }

    /// <summary>The smallest number of members for which the rule is defined.</summary>
    public int FewestMembers { get; }

    /// <summary>Makes one score of the members' scores of one completion.</summary>
    public Func<double[], double> Combine { get; }

    /// <summary>Uncertainty-weighted optimisation: mean_i r_i - lambda var_i r_i.</summary>
    /// <param name="lambda">The price of disagreement: 0 or more, per unit of the reward.</param>
    /// <param name="degreesOfFreedomLost">The variance is divided by n minus this: 1 for the unbiased variance, 0 for the population's.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public static EnsembleCombination UncertaintyWeightedBy(double lambda, int degreesOfFreedomLost)
    {
        if (!(lambda >= 0 && double.IsFinite(lambda)))
            throw new ArgumentException(FormattableString.Invariant($"uwo_lambda is {lambda}; it must be a finite number of at least 0: it is the price of disagreement between members"));
        if (degreesOfFreedomLost is not (0 or 1))
            throw new ArgumentException($"the variance of an ensemble would be divided by n - {degreesOfFreedomLost}; it is divided by n - 1 (unbiased) or n (population)");
        return new(
            "uwo",
            FormattableString.Invariant($"mean of the members - {lambda} x their variance (divided by {(degreesOfFreedomLost == 1 ? "n - 1" : "n")})"),
            1 + degreesOfFreedomLost,
            scores =>
            {
                var mean = scores.Average();
                return mean - (lambda * scores.Sum(score => (score - mean) * (score - mean)) / (scores.Length - degreesOfFreedomLost));
            });
    }
}
