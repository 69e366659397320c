namespace UmmRm.Ppo;

/// <summary>Advantages and returns of one response; each array has an entry a response token.</summary>
/// <param name="Advantages">A_t.</param>
/// <param name="Returns">A_t + V_t, what the value head learns.</param>
public sealed record GeneralizedAdvantage(double[] Advantages, double[] Returns)
{
    /// <summary>
    /// Generalised advantage estimation (arXiv 1506.02438): delta_t = R_t + gamma V_{t+1} - V_t, where V past the end is 0, and A_t = delta_t + gamma lambda A_{t+1}.
    /// </summary>
    /// <param name="rewards">R_t, a reward a token.</param>
    /// <param name="values">V_t, the value of the state before the token; as many.</param>
    /// <param name="gamma">Discount a token, 0 .. 1.</param>
    /// <param name="lambda">0 takes one step's estimate, 1 the whole return.</param>
    public static GeneralizedAdvantage Of(ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, double gamma, double lambda)
    {
        if (rewards.Length != values.Length)
            throw new ArgumentException($"there are {rewards.Length} rewards and {values.Length} values; each token of a response has one of each");
        var advantages = new double[rewards.Length];
        var returns = new double[rewards.Length];
        var (next, nextValue) = (0.0, 0.0);
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            next = rewards[t] + gamma * nextValue - values[t] + gamma * lambda * next;
            nextValue = values[t];
            (advantages[t], returns[t]) = (next, next + values[t]);
        }
        return new GeneralizedAdvantage(advantages, returns);
    }
}
