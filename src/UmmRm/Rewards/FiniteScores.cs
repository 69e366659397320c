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
        Check(reward.Name, scores);
        return scores;
    }

    /// <summary>Throws at the first score that is NaN or infinite.</summary>
    /// <param name="name">Who scored.</param>
    /// <param name="scores">The scores, in the completions' order.</param>
    /// <exception cref="InvalidDataException">The message names the completion's index.</exception>
    public static void Check(string name, double[] scores)
    {
        var bad = Array.FindIndex(scores, score => !double.IsFinite(score));
        if (bad >= 0)
            throw new InvalidDataException($"{name} scored completion {bad} as {scores[bad]}; a score must be a finite number: look at that text, or at the model that scored it");
    }
}
