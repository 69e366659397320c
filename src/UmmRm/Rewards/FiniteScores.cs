using UmmRm.Data;

namespace UmmRm.Rewards;

/// <summary>Asks a reward function for scores and refuses what is not one finite number per completion, so that a failure never becomes a silent reward.</summary>
internal static class FiniteScores
{
    /// <summary>The function's scores, in the completions' order.</summary>
    /// <exception cref="InvalidDataException">There are too few or too many, or one is NaN or infinite.</exception>
    public static double[] From(IRewardFunction reward, IReadOnlyList<Completion> completions, CancellationToken cancellation)
    {
        var scores = reward.Score(completions, cancellation);
        if (scores.Length != completions.Count)
            throw new InvalidDataException($"{reward.Name} gave {scores.Length} scores for {completions.Count} completions; it must give one for each");
        var bad = Array.FindIndex(scores, score => !double.IsFinite(score));
        return bad < 0
            ? scores
            : throw new InvalidDataException($"{reward.Name} scored completion {bad} as {scores[bad]}; a score must be a finite number: look at that text, or at the model that scored it");
    }
}
