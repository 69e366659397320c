using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>The rewards around a policy's training: the proxy, which is maximised, and those that only watch.</summary>
/// <param name="Proxy">The proxy as it is.</param>
/// <param name="Referees">Other rewards with no part in the training.</param>
/// <param name="Gold">The true reward, or null where nobody knows it.</param>
internal sealed record PolicyRewards(IRewardFunction Proxy, IReadOnlyList<IRewardFunction> Referees, IRewardFunction? Gold) : IDisposable
{
    /// <summary>Opens the rewards of a stage.</summary>
    public static PolicyRewards Open(PpoStage stage, StageContext context)
    {
        IRewardFunction Of(InputReference reward) => RewardFunctions.Open(context.PathOf(reward), reward.ToString(), precision: stage.Precision, tokenBudget: stage.TokenBudget);
        return new(Of(stage.Proxy), [.. stage.Referees.Select(Of)], stage.Gold is { } gold ? Of(gold) : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Proxy.Dispose();
        foreach (var referee in Referees)
            referee.Dispose();
        Gold?.Dispose();
    }
}
