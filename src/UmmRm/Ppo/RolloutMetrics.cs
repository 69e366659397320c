namespace UmmRm.Ppo;

/// <summary>What an iteration's responses look like before they are learned from, under TRL's names where it has one.</summary>
internal sealed class RolloutMetrics
{
    /// <summary>Measures responses.</summary>
    /// <param name="rollouts">The responses.</param>
    /// <param name="raw">The proxy's scores.</param>
    /// <param name="scores">The scores that PPO is given.</param>
    /// <param name="klCoefficient">beta_KL.</param>
    public RolloutMetrics(IReadOnlyList<Rollout> rollouts, double[] raw, double[] scores, double klCoefficient)
    {
        var (kl, tokens) = (rollouts.Average(rollout => rollout.KlK1), rollouts.Sum(rollout => rollout.Length));
        var cost = -klCoefficient * kl;
        Values = new Dictionary<string, double>
        {
            ["objective/kl"] = kl,
            ["objective/kl_k3"] = rollouts.Average(rollout => rollout.KlK3),
            ["objective/kl_per_token"] = rollouts.Sum(rollout => rollout.KlK1) / tokens,
            ["objective/kl_coefficient"] = klCoefficient,
            ["objective/entropy"] = rollouts.Average(rollout => -rollout.LogProbabilities.Sum()),
            ["objective/non_score_reward"] = cost,
            ["objective/rlhf_reward"] = scores.Average() + cost,
            ["objective/scores"] = scores.Average(),
            ["objective/proxy"] = raw.Average(),
            ["policy/entropy_avg"] = rollouts.Sum(rollout => rollout.Entropies.Sum()) / tokens,
            ["val/num_eos_tokens"] = rollouts.Count(rollout => rollout.Completion.Ended),
            ["response_length"] = (double)tokens / rollouts.Count,
            ["num_tokens"] = rollouts.Sum(rollout => rollout.Text.Ids.Length),
        };
    }

    /// <summary>The metrics in the order to show them.</summary>
    public Dictionary<string, double> Values { get; }
}
