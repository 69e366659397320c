#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using System.Text.Json.Serialization;
using UmmRm.Training;

namespace UmmRm.Recipes;

/// <summary>METHOD 4's ways to weigh the routed experts.</summary>
public enum MergeMethod
{
    /// <summary>Coefficients that minimise the merged model's Bradley-Terry loss on calibration pairs.</summary>
    Learned,

    /// <summary>Each expert's expected gate over the calibration tokens.</summary>
    [JsonStringEnumMemberName("expected-gate")]
    ExpectedGate,

    /// <summary>All alike.</summary>
    Uniform,
}

/// <summary>METHOD 4: a mixture becomes a dense reward model of the original architecture.</summary>
[StageKind("merge", "Merges a mixture's experts into a dense reward model of the original architecture, cost and size.")]
public sealed record MergeStage : TextStage
{
    [Setting("The mixture to merge.", Accepts = Artifact.Mixture)]
    public required InputReference Model { get; init; }

    [Setting("How the routed experts are weighed: learned on calibration pairs, by their expected gates, or uniform.")]
    public MergeMethod Method { get; init; } = MergeMethod.Learned;

    [Setting("Calibration pairs, which the mixture should not have been trained on. Needed unless method is uniform or coefficients are given.", Accepts = Artifact.Pairs)]
    public DataInput? Data { get; init; }

    [Setting("A folder, or another merge, whose merge.json holds the coefficients to use as they are. null: they are computed.", Accepts = Artifact.RewardModel)]
    public InputReference? Coefficients { get; init; }

    [Setting("learned: optimiser steps at most.", Unit = "steps", Minimum = 1)]
    public int Steps { get; init; } = 200;

    [Setting("learned: Adam's constant learning rate; too small a one leaves the coefficients where they started.", Above = 0)]
    public double LearningRate { get; init; } = 1e-2;

    [Setting("learned: pairs of one optimiser step.", Unit = "pairs", Minimum = 1)]
    public int BatchSize { get; init; } = 32;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.RewardModel)];

    /// <summary>The settings of learning as the trainer takes them.</summary>
    /// <param name="seed">Fixes the order of the calibration pairs.</param>
    /// <param name="padId">The id that fills rows up.</param>
    public MergeSettings ToMergeSettings(long seed, int padId) =>
        new() { Steps = Steps, LearningRate = LearningRate, BatchSize = BatchSize, TokenBudget = TokenBudget, Seed = seed, PadId = padId };

    internal override void CheckTogether()
    {
        if (Data is null && Method != MergeMethod.Uniform && Coefficients is null)
            throw new ArgumentException($"data is missing; method {SettingText.Of(Method)} needs calibration pairs (uniform needs none)");
    }
}
