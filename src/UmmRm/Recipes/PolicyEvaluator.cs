using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Ppo;
using UmmRm.Rewards;
using UmmRm.Worlds;

namespace UmmRm.Recipes;

/// <summary>Lets a policy answer the evaluation prompts, always with the same random numbers, and has the answers scored by proxy, referees and gold.</summary>
/// <param name="sampler">The policy.</param>
/// <param name="prompts">The evaluation prompts.</param>
/// <param name="rewards">Who scores.</param>
/// <param name="seed">Fixes the draws.</param>
internal sealed class PolicyEvaluator(RolloutSampler sampler, IReadOnlyList<PolicyPrompt> prompts, PolicyRewards rewards, long seed)
{
    private const int ChunkSize = 256;

    /// <summary>What the policy answers now.</summary>
    /// <exception cref="InvalidDataException">A score is not finite, or a response cannot be scored.</exception>
    public ScoredAnswers Answer()
    {
        var rollouts = prompts.Chunk(ChunkSize).SelectMany((chunk, i) => sampler.Draw(chunk, seed + i)).ToList();
        var texts = rollouts.ConvertAll(rollout => rollout.Completion);
        double[] Scores(IRewardFunction reward) => FiniteScores.From(reward, texts, CancellationToken.None);
        return new ScoredAnswers(rollouts, Scores(rewards.Proxy), [.. rewards.Referees.Select(Scores)], rewards.Gold is { } gold ? Scores(gold) : null, rewards.Gold is GoldReward ? Parts(texts) : null);
    }

    private static Dictionary<string, double> Parts(IReadOnlyList<Completion> texts)
    {
        var scores = GoldReward.Explain(texts);
        return new()
        {
            ["correct"] = scores.Average(score => score.Correct),
            ["polite"] = scores.Average(score => score.Polite),
            ["explained"] = scores.Average(score => score.Explained ? 1.0 : 0),
            ["flatters"] = scores.Average(score => score.Flatters ? 1.0 : 0),
            ["smiles"] = scores.Average(score => score.Smiles ? 1.0 : 0),
            ["repeats"] = scores.Average(score => score.Repeats),
            ["garbage"] = scores.Average(score => score.Garbage),
            ["unsafe"] = scores.Average(score => score.Unsafe ? 1.0 : 0),
            ["excess_words"] = scores.Average(score => score.ExcessWords),
        };
    }
}

/// <summary>A policy's answers to the evaluation prompts with their scores.</summary>
/// <param name="Rollouts">The answers.</param>
/// <param name="Proxy">The proxy's scores.</param>
/// <param name="Referees">Each referee's.</param>
/// <param name="Gold">Gold's, or null.</param>
/// <param name="GoldParts">Means of what gold is made of, or null.</param>
internal sealed record ScoredAnswers(IReadOnlyList<Rollout> Rollouts, double[] Proxy, IReadOnlyList<double[]> Referees, double[]? Gold, IReadOnlyDictionary<string, double>? GoldParts)
{
    /// <summary>The means.</summary>
    /// <param name="iteration">Iterations done.</param>
    /// <param name="step">Updates done.</param>
    /// <param name="scales">The curve that it belongs to, for the scales of proxy and referees.</param>
    public PolicyEvaluation Summarise(long iteration, long step, ProxyGoldCurve scales)
    {
        var proxy = Proxy.Average(scales.Normalization.Apply);
        var tokens = (double)Rollouts.Sum(rollout => rollout.Length);
        return new PolicyEvaluation
        {
            Iteration = iteration,
            Step = step,
            Proxy = Proxy.Average(),
            ProxyZ = proxy,
            RefereeGap = Referees.Count == 0 ? null : proxy - Referees.Zip(scales.RefereeNormalizations, (scores, scale) => scores.Average(scale.Apply)).Average(),
            Gold = Gold?.Average(),
            GoldHalves = Gold is null ? null : [.. Gold.Index().GroupBy(score => score.Index % 2).Select(half => half.Average(score => score.Item))],
            GoldParts = GoldParts,
            Kl = Rollouts.Average(rollout => rollout.KlK1),
            KlK3 = Rollouts.Average(rollout => rollout.KlK3),
            KlPerToken = Rollouts.Sum(rollout => rollout.KlK1) / tokens,
            KlK3PerToken = Rollouts.Sum(rollout => rollout.KlK3) / tokens,
            ResponseLength = tokens / Rollouts.Count,
            EosRate = Rollouts.Average(rollout => rollout.Completion.Ended ? 1.0 : 0),
            Repetition = Rollouts.Average(rollout => PolicyEvaluation.RepetitionOf(rollout.Text.Ids.AsSpan(rollout.Text.ResponseStart))),
            ReferenceLogProbability = Rollouts.Average(rollout => rollout.ReferenceLogProbabilities.Sum()),
        };
    }

    /// <summary>A row an answer: prompt, response, whether it ended, its scores and its divergence.</summary>
    public IEnumerable<JsonObject> Rows() => Rollouts.Select((rollout, i) =>
    {
        var row = PairRows.OfPrompt(rollout.Completion.Prompt);
        row["response"] = rollout.Completion.Response;
        row["ended"] = rollout.Completion.Ended;
        row["proxy"] = Proxy[i];
        if (Gold is not null)
            row["gold"] = Gold[i];
        row["kl"] = rollout.KlK1;
        row["reference_log_probability"] = rollout.ReferenceLogProbabilities.Sum();
        return row;
    });
}
