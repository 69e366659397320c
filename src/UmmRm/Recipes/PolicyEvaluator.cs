using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Ppo;
using UmmRm.Rewards;
using UmmRm.Worlds;

namespace UmmRm.Recipes;

/// <summary>Lets a policy answer the evaluation prompts, always with the same random numbers, and has the answers scored by proxy and gold.</summary>
/// <param name="sampler">The policy.</param>
/// <param name="prompts">The evaluation prompts.</param>
/// <param name="proxy">The proxy as it is.</param>
/// <param name="gold">Who watches, or null.</param>
/// <param name="seed">Fixes the draws.</param>
internal sealed class PolicyEvaluator(RolloutSampler sampler, IReadOnlyList<PolicyPrompt> prompts, IRewardFunction proxy, IRewardFunction? gold, long seed)
{
    private const int ChunkSize = 256;

    /// <summary>What the policy answers now.</summary>
    /// <exception cref="InvalidDataException">A score is not finite, or a response cannot be scored.</exception>
    public ScoredAnswers Answer()
    {
        var rollouts = prompts.Chunk(ChunkSize).SelectMany((chunk, i) => sampler.Draw(chunk, seed + i)).ToList();
        var texts = rollouts.ConvertAll(rollout => rollout.Completion);
        return new ScoredAnswers(rollouts, FiniteScores.From(proxy, texts, CancellationToken.None), gold is null ? null : FiniteScores.From(gold, texts, CancellationToken.None), gold is GoldReward ? Parts(texts) : null);
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
/// <param name="Gold">Gold's, or null.</param>
/// <param name="GoldParts">Means of what gold is made of, or null.</param>
internal sealed record ScoredAnswers(IReadOnlyList<Rollout> Rollouts, double[] Proxy, double[]? Gold, IReadOnlyDictionary<string, double>? GoldParts)
{
    /// <summary>The means.</summary>
    public PolicyEvaluation Summarise(long iteration, long step, RewardNormalization normalization)
    {
        var tokens = (double)Rollouts.Sum(rollout => rollout.Length);
        return new PolicyEvaluation
        {
            Iteration = iteration,
            Step = step,
            Proxy = Proxy.Average(),
            ProxyZ = Proxy.Average(normalization.Apply),
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
