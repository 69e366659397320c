#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Whether what fools one reward fools the others.</summary>
[StageKind("transfer", "Scores the final answers of every policy by every reward: how many standard deviations of the starting policy's answers they lie above them. What fools one reward and not another shows here.")]
public sealed record TransferStage : TextStage
{
    [Setting("The answers of ppo stages, such as ppo-dense:samples.", Accepts = Artifact.Samples)]
    public required IReadOnlyList<InputReference> Samples { get; init; }

    [Setting("The rewards that score them; gold may be among them.", Accepts = Artifact.AnyReward)]
    public required IReadOnlyList<InputReference> Rewards { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Table, TransferMatrix.FileName)];

    internal override void CheckTogether()
    {
        if (Samples.Count == 0 || Rewards.Count == 0)
            throw new ArgumentException($"samples names {Samples.Count} policies and rewards {Rewards.Count} rewards; at least one of each is needed");
    }
}
