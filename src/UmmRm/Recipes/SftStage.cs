#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Supervised fine-tuning, or pre-training on texts.</summary>
[StageKind("sft", "Supervised fine-tuning of a language model on responses to instructions (of preference pairs: the chosen side), or on plain texts.")]
public sealed record SftStage : TrainingStage
{
    /// <summary>METHOD 6's defaults for supervised fine-tuning.</summary>
    public SftStage() => (BatchSize, LearningRate, WarmupSteps, MaxLength) = (16, 8e-6, 600, 512);

    [Setting("The language model to start from.", Accepts = Artifact.Policy)]
    public required InputReference Model { get; init; }

    [Setting("Instructions with responses, preference pairs or texts.", Accepts = Artifact.Instructions | Artifact.Pairs)]
    public required DataInput Data { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Policy)];
}
