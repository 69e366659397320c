#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>METHOD 6's gold labels: both sides scored, the higher is chosen, ties dropped.</summary>
[StageKind("label", "Labels preference pairs anew by a reward's scores: the higher side is chosen, exact ties are dropped and counted.")]
public sealed record LabelStage : TextStage
{
    [Setting("Who decides: a reward model, an ensemble or the built-in world's gold.", Accepts = Artifact.AnyReward)]
    public required InputReference Model { get; init; }

    [Setting("The pairs to label.", Accepts = Artifact.Pairs)]
    public required DataInput Data { get; init; }

    [Setting("Probability with which a label is flipped, independently.", Minimum = 0, Maximum = 1)]
    public double Noise { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Pairs, "pairs.jsonl")];
}
