#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>WARM: the average of models' weights.</summary>
[StageKind("average", "Averages the weights of models with equal architecture and tokenizer (WARM: reward models with one head initialisation and different learning rates).")]
public sealed record AverageStage : Stage
{
    [Setting("The models to average, at least two.", Accepts = Artifact.AnyModel)]
    public required IReadOnlyList<InputReference> Models { get; init; }

    [Setting("A weight for each model; they are divided by their sum. Empty: all alike.", Minimum = 0)]
    public IReadOnlyList<double> Weights { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products => [new("", Models[0].Artifact)];

    internal override void CheckTogether()
    {
        if (Models.Count < 2)
            throw new ArgumentException($"models names {Models.Count} model; at least two are averaged");
        if (Models.FirstOrDefault(m => m.IsStage && Models[0].IsStage && m.Artifact != Models[0].Artifact) is { } other)
            throw new ArgumentException($"models mixes '{Models[0]}' and '{other}', which are not the same kind of model");
        if (Weights.Count > 0 && (Weights.Count != Models.Count || Weights.Sum() <= 0))
            throw new ArgumentException($"weights has {Weights.Count} values with sum {SettingText.Of(Weights.Sum())}; one for each of the {Models.Count} models with a sum above 0 is expected");
    }
}
