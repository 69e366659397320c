namespace UmmRm.Evaluation;

/// <summary>How often policy A's answers are judged better than policy B's (METHOD 6).</summary>
/// <param name="Duels">Comparisons.</param>
/// <param name="Wins">A better in both orders.</param>
/// <param name="Ties">Neither better in both orders.</param>
/// <param name="Losses">B better in both orders.</param>
/// <param name="Disagreements">The orders disagree.</param>
/// <param name="NoAnswers">An order without an answer; left out of every rate.</param>
/// <param name="Rate">(wins + (ties + disagreements) / 2) / answered, with its interval over prompts; null when nothing was answered.</param>
/// <param name="LengthControlled">What the rate would be were both answers equally long: see <see cref="LengthControl"/>; null when nothing was answered.</param>
/// <param name="PositionBias">Among verdicts that prefer a side, the share that prefers the answer shown first: one half when the order does not matter; null when the judge does not see an order, or prefers none.</param>
/// <param name="MeanLengthA">Mean length of A's answers in characters.</param>
/// <param name="MeanLengthB">Mean length of B's.</param>
public sealed record WinRate(int Duels, int Wins, int Ties, int Losses, int Disagreements, int NoAnswers, Proportion? Rate, Proportion? LengthControlled, Proportion? PositionBias, double MeanLengthA, double MeanLengthB)
{
    /// <summary>Counts duels.</summary>
    /// <param name="duels">At least one.</param>
    /// <param name="seed">Decides the resamples of intervals.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static WinRate Of(IReadOnlyList<Duel> duels, long seed = 0)
    {
        if (duels.Count == 0)
            throw new ArgumentException("there is no comparison to count");
        int Count(DuelOutcome outcome) => duels.Count(duel => duel.Outcome == outcome);
        var answered = duels.Where(duel => duel.Points is not null).ToList();
        return new WinRate(duels.Count, Count(DuelOutcome.Win), Count(DuelOutcome.Tie), Count(DuelOutcome.Loss), Count(DuelOutcome.Disagreement), Count(DuelOutcome.NoAnswer),
            answered.Count == 0 ? null : Proportion.Of([.. answered.Select(duel => duel.Points!.Value)], [.. answered.Select(duel => duel.Prompt)], seed),
            answered.Count == 0 ? null : LengthControl.Of(answered, seed),
            Bias(duels, seed), duels.Average(duel => duel.LengthA), duels.Average(duel => duel.LengthB));
    }

    private static Proportion? Bias(IReadOnlyList<Duel> duels, long seed)
    {
        var decided = duels.Where(duel => duel.BFirst is not null).SelectMany(duel => new[] { (duel.Prompt, Verdict: duel.AFirst), (duel.Prompt, Verdict: duel.BFirst!.Value) })
            .Where(said => said.Verdict is Verdict.First or Verdict.Second).ToList();
        return decided.Count == 0 ? null : Proportion.Of([.. decided.Select(said => said.Verdict == Verdict.First ? 1.0 : 0)], [.. decided.Select(said => said.Prompt)], seed);
    }
}
