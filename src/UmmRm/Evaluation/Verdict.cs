namespace UmmRm.Evaluation;

/// <summary>What a judge said when it was shown two answers, one first and one second.</summary>
public enum Verdict
{
    /// <summary>The one shown first is better.</summary>
    First,

    /// <summary>The one shown second is better.</summary>
    Second,

    /// <summary>Neither is.</summary>
    Tie,

    /// <summary>Nothing that could be understood, however often it was asked. Never counted as a tie.</summary>
    NoAnswer,
}
