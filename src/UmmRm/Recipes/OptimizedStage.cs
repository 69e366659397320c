#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using UmmRm.Training;

namespace UmmRm.Recipes;

/// <summary>A stage that trains a model with AdamW.</summary>
public abstract record OptimizedStage : TextStage
{
    [Setting("Rows (a pair is one) of one optimiser step.", Unit = "rows", Minimum = 1)]
    public int BatchSize { get; init; }

    [Setting("The learning rate at its peak.", Above = 0)]
    public double LearningRate { get; init; }

    [Setting("AdamW's decay rates: of the gradient's mean and of its mean square.", Minimum = 0, Below = 1)]
    public IReadOnlyList<double> Betas { get; init; } = [0.9, 0.95];

    [Setting("AdamW's epsilon.", Above = 0)]
    public double Epsilon { get; init; } = 1e-12;

    [Setting("AdamW's decoupled weight decay, of matrices only.", Minimum = 0)]
    public double WeightDecay { get; init; }

    [Setting("How the learning rate goes on after warm-up.")]
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    [Setting("The learning rate at the end of linear and cosine, as a share of the peak.", Minimum = 0, Maximum = 1)]
    public double FinalLearningRateRatio { get; init; }

    [Setting("The gradient's norm is scaled down to this when it is larger. null: never.", Above = 0)]
    public double? Clip { get; init; } = 2.0;

    /// <summary>The optimiser's settings as trainers take them.</summary>
    public AdamWSettings ToOptimizer() => new() { LearningRate = LearningRate, Beta1 = Betas[0], Beta2 = Betas[1], Epsilon = Epsilon, WeightDecay = WeightDecay, Clip = Clip ?? 0 };

    internal override void CheckTogether()
    {
        if (Betas.Count != 2)
            throw new ArgumentException($"betas has {Betas.Count} values; two are expected, such as [0.9, 0.95]");
    }
}
