namespace UmmRm.Ppo;

/// <summary>Where an iteration's time went, in seconds.</summary>
/// <param name="Sampling">Drawing responses.</param>
/// <param name="Measuring">The frozen trunk's pass, and log-probabilities under policy and reference, and values.</param>
/// <param name="Scoring">The proxy.</param>
/// <param name="Updating">The updates.</param>
public sealed record PpoTimes(double Sampling, double Measuring, double Scoring, double Updating)
{
    /// <summary>All of it.</summary>
    public double Total => Sampling + Measuring + Scoring + Updating;
}

/// <summary>One iteration in numbers and texts: responses drawn and scored, and the updates made with them. No tensor leaves it.</summary>
/// <param name="Iteration">1 for the first.</param>
/// <param name="Step">Updates done so far.</param>
/// <param name="Metrics">The logged values under TRL's names, in the order to show them.</param>
/// <param name="Rollouts">The responses.</param>
/// <param name="Scores">What PPO was given for each: normalised, shaped, clipped.</param>
/// <param name="Times">Where the time went.</param>
public sealed record PpoIteration(long Iteration, long Step, IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<Rollout> Rollouts, IReadOnlyList<double> Scores, PpoTimes Times);
