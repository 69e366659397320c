#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Preference pairs made from a policy's own samples.</summary>
[StageKind("pairs", "Draws two responses to each prompt from a policy and orders them by gold; ties are dropped and counted.")]
public sealed record PairsStage : TextStage
{
    [Setting("The policy that responds.", Accepts = Artifact.Policy)]
    public required InputReference Model { get; init; }

    [Setting("The prompts, one pair each.", Accepts = Artifact.AnyText)]
    public required DataInput Prompts { get; init; }

    [Setting("Who orders the two responses.", Accepts = Artifact.AnyReward)]
    public required InputReference Gold { get; init; }

    [Setting("Probability with which a label is flipped, independently.", Minimum = 0, Maximum = 1)]
    public double Noise { get; init; }

    [Setting("Sampling temperature.", Above = 0)]
    public double Temperature { get; init; } = 1;

    [Setting("Share of the responses that are drawn at hot_temperature instead.", Minimum = 0, Maximum = 1)]
    public double HotShare { get; init; }

    [Setting("The higher temperature.", Above = 0)]
    public double HotTemperature { get; init; } = 2;

    [Setting("The longest response, its end marker included.", Unit = "tokens", Minimum = 1)]
    public int MaxNewTokens { get; init; } = 36;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Pairs, "pairs.jsonl")];
}
