#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Whether merging does what the paper says it does: smooth the reward.</summary>
[StageKind("sensitivity", "Measures how far small changes of a response (a word dropped, doubled, swapped; punctuation) move each reward, and how far a mixture's single experts, each merged alone with the shared one, disagree.")]
public sealed record SensitivityStage : TextStage
{
    [Setting("The rewards; the others are compared with the first.", Accepts = Artifact.AnyReward)]
    public required IReadOnlyList<InputReference> Rewards { get; init; }

    [Setting("Pairs whose two sides are the responses.", Accepts = Artifact.Pairs)]
    public required DataInput Data { get; init; }

    [Setting("Mixtures whose single experts are measured: each routed expert merged alone with the shared one.", Accepts = Artifact.Mixture)]
    public IReadOnlyList<InputReference> Mixtures { get; init; } = [];

    [Setting("Rewards that were trained separately, whose disagreement the experts' is compared with; none, or two at least.", Accepts = Artifact.AnyReward)]
    public IReadOnlyList<InputReference> Peers { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Table, SensitivityResult.FileName)];

    internal override void CheckTogether()
    {
        if (Rewards.Count == 0)
            throw new ArgumentException("rewards is an empty list; at least one reward is measured");
        if (Peers.Count == 1)
            throw new ArgumentException($"peers names {Peers[0]} alone; a disagreement needs two at least");
    }
}
