#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Best-of-n: how gold fares when a proxy chooses among a policy's samples.</summary>
[StageKind("bon", "Best-of-n: a policy answers each prompt many times, and every reward chooses the best of n = 1, 2, 4, ... of the same answers; gold of the choice by the unbiased estimator, with intervals over prompts.")]
public sealed record BonStage : TextStage
{
    [Setting("The policy that answers.", Accepts = Artifact.Policy)]
    public required InputReference Model { get; init; }

    [Setting("The rewards that choose; the others are compared with the first.", Accepts = Artifact.AnyReward)]
    public required IReadOnlyList<InputReference> Rewards { get; init; }

    [Setting("The true reward, by which choices are judged. It also chooses itself: the most that is to be had.", Accepts = Artifact.AnyReward)]
    public required InputReference Gold { get; init; }

    [Setting("The prompts.", Accepts = Artifact.AnyText)]
    public required DataInput Prompts { get; init; }

    [Setting("Answers to each prompt: the largest n.", Unit = "responses", Minimum = 2)]
    public int Samples { get; init; } = 64;

    [Setting("Sampling temperature.", Above = 0)]
    public double Temperature { get; init; } = 1;

    [Setting("The longest response, its end marker included.", Unit = "tokens", Minimum = 1)]
    public int MaxNewTokens { get; init; } = 256;

    [Setting("Responses that are drawn together.", Unit = "responses", Minimum = 1)]
    public int SampleBatch { get; init; } = 256;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Table, BonResult.FileName)];

    internal override void CheckTogether()
    {
        if (Rewards.Count == 0)
            throw new ArgumentException("rewards is an empty list; at least one reward chooses");
    }
}
