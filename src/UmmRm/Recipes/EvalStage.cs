#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Pairwise accuracy of reward models on data sets.</summary>
[StageKind("eval", "Pairwise accuracy of reward models on data sets, with intervals and a length baseline: a table of models by data sets.")]
public sealed record EvalStage : TextStage
{
    [Setting("What is evaluated: reward models, mixtures, ensembles.", Accepts = Artifact.AnyReward)]
    public required IReadOnlyList<InputReference> Models { get; init; }

    [Setting("Data sets of preference pairs, by the name that the table gives them.", Accepts = Artifact.Pairs)]
    public required IReadOnlyDictionary<string, DataInput> Data { get; init; }

    [Setting("One of the models, against which the others are tested (McNemar). null: none.", Accepts = Artifact.AnyReward)]
    public InputReference? Against { get; init; }

    [Setting("Pairs with chosen_model and rejected_model, on which none of data is: whose answers win more often there decides the baseline 'better author wins'. null: no such baseline.", Accepts = Artifact.Pairs)]
    public DataInput? Authors { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Table, "results.json")];

    internal override void CheckTogether()
    {
        if (Models.Count == 0)
            throw new ArgumentException("models is an empty list; at least one model is evaluated");
        if (Data.Count == 0)
            throw new ArgumentException("data is an empty mapping; at least one data set is evaluated on");
        if (Against is not null && !Models.Contains(Against))
            throw new ArgumentException($"against is '{Against}', which is not among models; there is {string.Join(", ", Models)}");
    }
}
