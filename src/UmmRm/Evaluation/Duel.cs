namespace UmmRm.Evaluation;

/// <summary>How a comparison ended for A, both orders of showing together.</summary>
public enum DuelOutcome
{
    /// <summary>A is better in every order.</summary>
    Win,

    /// <summary>B is.</summary>
    Loss,

    /// <summary>Neither is, in every order.</summary>
    Tie,

    /// <summary>The orders disagree.</summary>
    Disagreement,

    /// <summary>An order has no answer.</summary>
    NoAnswer,
}

/// <summary>One prompt's two answers and what a judge said of them.</summary>
/// <param name="Prompt">What tells prompts apart: duels of one prompt are resampled together.</param>
/// <param name="AFirst">The verdict with A's answer shown first.</param>
/// <param name="BFirst">The verdict with B's answer shown first; null when the judge does not mind the order.</param>
/// <param name="LengthA">Length of A's answer in characters.</param>
/// <param name="LengthB">Length of B's.</param>
public sealed record Duel(string Prompt, Verdict AFirst, Verdict? BFirst, int LengthA, int LengthB)
{
    /// <summary>How it ended for A.</summary>
    public DuelOutcome Outcome
    {
        get
        {
            var (one, other) = (ForA(AFirst, Verdict.First), BFirst is { } verdict ? ForA(verdict, Verdict.Second) : ForA(AFirst, Verdict.First));
            return one == DuelOutcome.NoAnswer || other == DuelOutcome.NoAnswer ? DuelOutcome.NoAnswer : one == other ? one : DuelOutcome.Disagreement;
        }
    }

    /// <summary>What a win rate counts for A: 1, 0, or one half for a tie and for orders that disagree; null without an answer.</summary>
    public double? Points => Outcome switch { DuelOutcome.Win => 1, DuelOutcome.Loss => 0, DuelOutcome.NoAnswer => null, _ => 0.5 };

    private static DuelOutcome ForA(Verdict verdict, Verdict wins) => verdict switch
    {
        Verdict.NoAnswer => DuelOutcome.NoAnswer,
        Verdict.Tie => DuelOutcome.Tie,
        _ => verdict == wins ? DuelOutcome.Win : DuelOutcome.Loss,
    };
}
