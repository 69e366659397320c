namespace UmmRm.Evaluation;

/// <summary>One pair of a RewardBench result.</summary>
/// <param name="Prompt">The prompt alone.</param>
/// <param name="TextChosen">Prompt and chosen response as the model saw them.</param>
/// <param name="TextRejected">Prompt and rejected response as the model saw them.</param>
/// <param name="ScoreChosen">The score of the chosen text.</param>
/// <param name="ScoreRejected">The score of the rejected text.</param>
/// <param name="Columns">The data set's further columns; <c>subset</c> is the one that results are grouped by.</param>
public sealed record RewardBenchRow(string Prompt, string TextChosen, string TextRejected, double ScoreChosen, double ScoreRejected, IReadOnlyDictionary<string, string> Columns)
{
    /// <summary>Whether the chosen side scores higher; a tie is wrong.</summary>
    public bool IsRight => ScoreChosen > ScoreRejected;
}
