using UmmRm.Data;

namespace UmmRm.Rewards;

/// <summary>A reward function on the scale of its reference samples: mean 0, standard deviation 1 there.</summary>
/// <param name="inner">The reward function that is rescaled.</param>
/// <param name="normalization">Shift and scale.</param>
public sealed class NormalizedReward(IRewardFunction inner, RewardNormalization normalization) : IRewardFunction
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <summary>The reward that is rescaled.</summary>
    public IRewardFunction Inner => inner;

    /// <summary>The shift and scale in use.</summary>
    public RewardNormalization Normalization { get; } = normalization;

    /// <summary>Normalises a reward on reference samples: the same ones for every reward that is to be compared or combined.</summary>
    /// <exception cref="ArgumentException">There are fewer than two samples, or all score alike.</exception>
    /// <exception cref="InvalidDataException">A sample cannot be scored, or its score is not finite.</exception>
    public static NormalizedReward On(IRewardFunction reward, IReadOnlyList<Completion> reference, CancellationToken cancellation = default) =>
        new(reward, RewardNormalization.Fit(FiniteScores.From(reward, reference, cancellation)));

    /// <inheritdoc/>
    public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) =>
        Array.ConvertAll(FiniteScores.From(inner, completions, cancellation), Normalization.Apply);

    /// <summary>Disposes the rescaled reward.</summary>
    public void Dispose() => inner.Dispose();
}
