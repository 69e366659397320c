namespace UmmRm.Evaluation;

/// <summary>What came of asking a judge.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Answer">The judge's words, or why there are none.</param>
/// <param name="Attempts">How often it was asked for this.</param>
/// <param name="InputTokens">Tokens that it read, all attempts together; 0 where it does not say.</param>
/// <param name="OutputTokens">Tokens that it wrote.</param>
public sealed record Judgement(Verdict Verdict, string Answer, int Attempts = 1, long InputTokens = 0, long OutputTokens = 0);
