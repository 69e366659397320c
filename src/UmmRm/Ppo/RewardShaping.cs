namespace UmmRm.Ppo;

/// <summary>What is done to a proxy's score before PPO sees it, to take away the gain from extreme scores.</summary>
public abstract class RewardShaping
{
    /// <summary>The score as it is.</summary>
    public static RewardShaping None { get; } = new Unshaped();

    /// <summary>The score limited to +-bound.</summary>
    public static RewardShaping Clip(double bound) => new Clipped(bound);

    /// <summary>
    /// Preference as reward (arXiv 2502.18770): the mean over a prompt's reference responses of sigmoid(score - reference score), in (0, 1): how likely the response is
    /// to be preferred to what the reference policy writes.
    /// </summary>
    /// <param name="references">The scores of reference responses, at least one, of each prompt that is trained on.</param>
    /// <exception cref="ArgumentException">A prompt has none.</exception>
    public static RewardShaping Sigmoid(IReadOnlyList<double[]> references) => references.All(scores => scores.Length > 0)
        ? new Centred(references)
        : throw new ArgumentException($"prompt {references.Index().First(prompt => prompt.Item.Length == 0).Index} has no reference score; sigmoid shaping compares with at least one");

    /// <summary>The shaped score of a response.</summary>
    /// <param name="score">The proxy's score, normalised if asked.</param>
    /// <param name="prompt">Index of the prompt.</param>
    public abstract double Apply(double score, int prompt);

    private sealed class Unshaped : RewardShaping
    {
        public override double Apply(double score, int prompt) => score;
    }

    private sealed class Clipped(double bound) : RewardShaping
    {
        public override double Apply(double score, int prompt) => Math.Clamp(score, -bound, bound);
    }

    private sealed class Centred(IReadOnlyList<double[]> references) : RewardShaping
    {
        public override double Apply(double score, int prompt) => references[prompt].Average(reference => 1 / (1 + Math.Exp(reference - score)));
    }
}
