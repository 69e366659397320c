#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using UmmRm.Training;

namespace UmmRm.Recipes;

/// <summary>Full fine-tuning on a data set. Defaults are the paper's (METHOD 6); where it is silent, Coste et al.'s, whose code it ran.</summary>
public abstract record TrainingStage : OptimizedStage
{
    [Setting("Passes over the training rows.", Minimum = 1)]
    public int Epochs { get; init; } = 3;

    [Setting("Stop after this many optimiser steps even if epochs are left. null: no limit.", Unit = "steps", Minimum = 1)]
    public int? MaxSteps { get; init; }

    [Setting("Warm-up from 0, as a share of all steps, rounded up.", Minimum = 0, Below = 1, OneOf = "warmup")]
    public double? WarmupRatio { get; init; }

    [Setting("Warm-up from 0.", Unit = "steps", Minimum = 0, OneOf = "warmup")]
    public int? WarmupSteps { get; init; }

    [Setting("Rows at the end of the data that are not trained on and are evaluated instead.", Unit = "rows", Minimum = 0)]
    public int HeldOut { get; init; }

    [Setting("Evaluate the held-out rows every so many steps. null: at the end of each epoch.", Unit = "steps", Minimum = 1)]
    public int? EvalEvery { get; init; }

    [Setting("Save a snapshot in place of the last one, from which a stopped run goes on exactly, every so many steps. null: at the end of each epoch.", Unit = "steps", Minimum = 1)]
    public int? SaveEvery { get; init; }

    [Setting("The padding token written into the model's folder, such as <|padding|>; must not be the end-of-text token. null: the model's own.")]
    public string? PadToken { get; init; }

    /// <summary>The settings as trainers take them.</summary>
    /// <param name="seed">Fixes the order of the data.</param>
    /// <param name="padId">The id that fills rows up.</param>
    public TrainingSettings ToTrainingSettings(long seed, int padId) => new()
    {
        Epochs = Epochs,
        MaxSteps = MaxSteps ?? 0,
        BatchSize = BatchSize,
        TokenBudget = TokenBudget,
        Optimizer = ToOptimizer(),
        Schedule = Schedule,
        WarmupSteps = WarmupSteps ?? 0,
        WarmupRatio = WarmupSteps is null ? WarmupRatio ?? 0 : 0,
        FinalLearningRateRatio = FinalLearningRateRatio,
        Seed = seed,
        PadId = padId,
    };
}
