#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>What became of gold under each method.</summary>
[StageKind("verdict", "Says of each policy's training where gold began, peaked and ended, and whether the proxy was hacked; over several seeds, with intervals and paired differences.")]
public sealed record VerdictStage : Stage
{
    [Setting("The trainings that are compared: the curves of ppo stages, such as ppo-dense:curve.", Accepts = Artifact.Curve)]
    public required IReadOnlyList<InputReference> Curves { get; init; }

    [Setting("One of the curves, with which the others are compared.", Accepts = Artifact.Curve)]
    public required InputReference Against { get; init; }

    [Setting("A further row: the baseline's training stopped at the first evaluation beyond this divergence from its start, a budget that needs no gold. null: no such row.", Unit = "nats a response", Above = 0)]
    public double? KlBudget { get; init; } = 3;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Table, VerdictExecutor.FileName)];

    internal override void CheckTogether()
    {
        if (!Curves.Contains(Against))
            throw new ArgumentException($"against is '{Against}', which is not among curves; there is {string.Join(", ", Curves)}");
    }
}
