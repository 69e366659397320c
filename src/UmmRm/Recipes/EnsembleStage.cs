#pragma warning disable CS1591 // each key is described once, in its Setting attribute


namespace UmmRm.Recipes;

/// <summary>How an ensemble's scores become one (METHOD 5).</summary>
public enum Combination
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Worst case: their minimum.</summary>
    Wco,

    /// <summary>Uncertainty-weighted: mean - lambda * variance.</summary>
    Uwo,
}

/// <summary>Several reward models that score as one.</summary>
[StageKind("ensemble", "Makes one reward function of several reward models: mean, worst case or uncertainty-weighted.")]
public sealed record EnsembleStage : TextStage
{
    [Setting("The members, at least two.", Accepts = Artifact.AnyReward)]
    public required IReadOnlyList<InputReference> Models { get; init; }

    [Setting("How the members' scores become one: mean, wco (minimum) or uwo (mean - lambda * variance).")]
    public Combination Combine { get; init; } = Combination.Mean;

    [Setting("uwo: weight of the members' variance; Coste et al. have 0.5 for accuracy and best-of-n, 0.1 for PPO.", Minimum = 0)]
    public double Lambda { get; init; } = 0.5;

    [Setting("uwo: divide the variance by members - 1 (as for PPO) rather than by members (as for accuracy and best-of-n).")]
    public bool UnbiasedVariance { get; init; }

    [Setting("Give each member mean 0 and standard deviation 1 on the reference samples first.")]
    public bool Normalise { get; init; } = true;

    [Setting("The reference samples: both sides of pairs, or instructions with responses. Needed when normalise is true.", Accepts = Artifact.Instructions | Artifact.Pairs)]
    public DataInput? Reference { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.RewardFunction, "ensemble.json")];

    internal override void CheckTogether()
    {
        if (Models.Count < 2)
            throw new ArgumentException($"models names {Models.Count} model; an ensemble has at least two");
        if (Normalise && Reference is null)
            throw new ArgumentException("reference is missing; with normalise: true the members' scales are measured on reference samples");
    }
}
