#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using UmmRm.Models;

namespace UmmRm.Recipes;

/// <summary>The mixture that a dense model becomes.</summary>
public sealed record MixtureSettings
{
    [Setting("N, the shared expert included: 8 is 1 shared and 7 routed experts.", Minimum = 2)]
    public int NumExperts { get; init; } = 8;

    [Setting("k, the routed experts that each token visits besides the shared one: 1 .. num_experts - 1.", Minimum = 1)]
    public int TopK { get; init; } = 4;

    [Setting("alpha, the fixed gate of the shared expert; the routed experts share 1 - alpha.", Above = 0, Below = 1)]
    public double SharedExpertWeight { get; init; } = 0.5;

    /// <summary>The mixture as models know it.</summary>
    public MoeConfig ToMoeConfig() => new() { NumExperts = NumExperts, TopK = TopK, SharedExpertWeight = SharedExpertWeight };
}

/// <summary>METHOD 2: a dense model becomes a mixture that computes the same function.</summary>
[StageKind("upcycle", "Makes a mixture of experts with a reward head from a dense model: every expert a copy of its feed-forward block, so that it computes the same function at first.")]
public sealed record UpcycleStage : Stage
{
    [Setting("A language model (the head is new, as a reward stage with the same seed would draw it) or a dense reward model (its head is kept).", Accepts = Artifact.Policy | Artifact.RewardModel)]
    public required InputReference Model { get; init; }

    [Setting("The mixture.")]
    public MixtureSettings Moe { get; init; } = new();

    [Setting("The padding token written into the model's folder; must not be the end-of-text token. null: the model's own.")]
    public string? PadToken { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Mixture)];

    internal override void CheckTogether() => Moe.ToMoeConfig().Validate();
}
