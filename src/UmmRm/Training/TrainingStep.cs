namespace UmmRm.Training;

/// <summary>One optimiser update in numbers; no tensor leaves a step.</summary>
/// <param name="Step">1 for the first update.</param>
/// <param name="Epoch">Passes over the data so far, fractions included.</param>
/// <param name="Tokens">Real tokens computed in this update.</param>
/// <param name="Metrics">The logged values under TRL's names, in the order to show them.</param>
public sealed record TrainingStep(long Step, double Epoch, long Tokens, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>The loss before the update, in nats.</summary>
    public double Loss => Metrics["loss"];
}
