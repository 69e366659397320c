using System.Diagnostics;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Ppo;

/// <summary>
/// METHOD 7: proximal policy optimisation of a policy against a proxy reward, which scores texts and may have another tokenizer and architecture. An explicit loop: each
/// iteration is yielded as numbers and texts, and the caller logs, evaluates and saves between iterations.
/// </summary>
public sealed class PpoTrainer : IDisposable
{
    private readonly ActorCritic _model;
    private readonly RolloutSampler _sampler;
    private readonly IReadOnlyList<PolicyPrompt> _prompts;
    private readonly IRewardFunction _proxy;
    private readonly PpoSettings _settings;
    private readonly LearningRateSchedule _schedule;
    private readonly AdamW _optimizer;
    private readonly PromptOrder _order;

    /// <summary>A training of <paramref name="model"/>, which is changed in place.</summary>
    /// <param name="model">Policy, value head and reference.</param>
    /// <param name="sampler">How it answers.</param>
    /// <param name="prompts">What it is asked, at least one.</param>
    /// <param name="proxy">The reward, normalised if that is wanted.</param>
    /// <param name="settings">The settings.</param>
    /// <exception cref="ArgumentException">There is no prompt.</exception>
    public PpoTrainer(ActorCritic model, RolloutSampler sampler, IReadOnlyList<PolicyPrompt> prompts, IRewardFunction proxy, PpoSettings settings)
    {
        if (prompts.Count == 0)
            throw new ArgumentException("there is no prompt to train on");
        (_model, _sampler, _prompts, _proxy, _settings) = (model, sampler, prompts, proxy, settings);
        _schedule = new LearningRateSchedule { Kind = settings.Schedule, WarmupSteps = 0, TotalSteps = settings.MaxSteps, FinalRatio = settings.FinalLearningRateRatio };
        _optimizer = new AdamW(model.named_parameters(), settings.Optimizer);
        _order = new PromptOrder(prompts.Count, settings.Seed);
        KlCoefficient = settings.Kl.Start;
    }

    /// <summary>Updates done so far.</summary>
    public long Step { get; private set; }

    /// <summary>beta_KL of the next iteration.</summary>
    public double KlCoefficient { get; private set; }

    /// <summary>Saves everything that the rest of the training depends on; between iterations.</summary>
    public void Save(string folder)
    {
        using var coefficient = tensor(KlCoefficient);
        TrainingSnapshot.Save(folder, _model, _optimizer, Step, (nameof(KlCoefficient), coefficient));
    }

    /// <summary>Continues from a snapshot, exactly as if training had not been interrupted; the model must have been made as the first one was.</summary>
    /// <exception cref="InvalidDataException">The snapshot is damaged or of another model.</exception>
    public void Restore(string folder)
    {
        using var coefficient = tensor(0.0);
        Step = TrainingSnapshot.Restore(folder, _model, _optimizer, (nameof(KlCoefficient), coefficient));
        KlCoefficient = coefficient.item<double>();
    }

    /// <summary>Trains to the end, an iteration at a time.</summary>
    /// <exception cref="ArgumentException">A prompt is empty or does not fit the policy's positions.</exception>
    /// <exception cref="InvalidDataException">A score is not finite; the message names iteration, prompt and response.</exception>
    /// <exception cref="ArithmeticException">The loss or the gradient is not finite; the message names the step.</exception>
    public IEnumerable<PpoIteration> Run()
    {
        _model.train();
        while (Step < _settings.MaxSteps)
            yield return Iterate(Step / _settings.StepsPerIteration + 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private PpoIteration Iterate(long iteration)
    {
        var clock = Stopwatch.StartNew();
        var indices = _order.Take((iteration - 1) * _settings.Rollouts, _settings.Rollouts);
        var prompts = Array.ConvertAll(indices, i => _prompts[i]);
        var responses = _sampler.Respond(prompts, (long)(new SeededRandom(_settings.Seed).Fork($"responses, iteration {iteration}").NextUInt64() >> 1));
        var sampled = clock.Elapsed.TotalSeconds;
        using var batch = _sampler.Measure(prompts, indices, responses, keepTrunk: true);
        var measured = clock.Elapsed.TotalSeconds;
        var raw = Score(batch.Rollouts, iteration);
        var scores = batch.Rollouts.Zip(raw, (rollout, score) => Math.Clamp(_settings.Shaping.Apply(score, rollout.Prompt), -_settings.ScoreClip, _settings.ScoreClip)).ToArray();
        var scored = clock.Elapsed.TotalSeconds;
        var metrics = new RolloutMetrics(batch.Rollouts, raw, scores, KlCoefficient).Values;
        foreach (var (name, value) in Update(batch, scores, iteration))
            metrics[name] = value;
        metrics["episode"] = iteration * _settings.Rollouts;
        KlCoefficient = _settings.Kl.Next(KlCoefficient, metrics["objective/kl"], batch.Rollouts.Count);
        return new PpoIteration(iteration, Step, metrics, batch.Rollouts, scores, new PpoTimes(sampled, measured - sampled, scored - measured, clock.Elapsed.TotalSeconds - scored));
    }

    /// <summary>The proxy's scores of the texts.</summary>
    private double[] Score(IReadOnlyList<Rollout> rollouts, long iteration)
    {
        var scores = _proxy.Score([.. rollouts.Select(rollout => rollout.Completion)]);
        if (scores.Length != rollouts.Count)
            throw new InvalidDataException($"iteration {iteration}: {_proxy.Name} gave {scores.Length} scores for {rollouts.Count} responses; it must give one for each");
        var bad = Array.FindIndex(scores, score => !double.IsFinite(score));
        return bad < 0 ? scores : throw new InvalidDataException(
            $"iteration {iteration}: {_proxy.Name} scored the response to prompt {rollouts[bad].Prompt} as {scores[bad]}; a reward must be a finite number. The prompt was: {rollouts[bad].Completion.Prompt.Turns[^1].Content} | The response was: {rollouts[bad].Completion.Response}");
    }

    /// <summary>All updates of an iteration.</summary>
    private Dictionary<string, double> Update(RolloutBatch batch, double[] scores, long iteration)
    {
        var estimates = batch.Rollouts.Zip(scores, Estimate).ToArray();
        var advantages = estimates.Select(estimate => estimate.Advantages).ToArray();
        if (_settings.Whitening == WhiteningScope.Rollout)
            advantages = Whitening.Of(advantages);
        var tally = new PpoTally();
        for (var epoch = 0; epoch < _settings.Epochs; epoch++)
        {
            var order = new SeededRandom(_settings.Seed).Fork($"minibatches, iteration {iteration}, epoch {epoch}").Permutation(batch.Rollouts.Count);
            foreach (var minibatch in order.Chunk(_settings.BatchSize))
            {
                if (Step == _settings.MaxSteps)
                    break;
                var own = minibatch.Select(i => advantages[i]).ToArray();
                Update(batch, minibatch, _settings.Whitening == WhiteningScope.Minibatch ? Whitening.Of(own) : own, [.. minibatch.Select(i => estimates[i].Returns)], tally);
            }
        }
        var metrics = tally.Metrics();
        metrics["lr"] = _schedule.Factor(Step - 1) * _settings.Optimizer.LearningRate;
        return metrics;
    }

    /// <summary>Rewards a token: what divergence costs, and the score at the token that ends the response; then advantages and returns.</summary>
    private GeneralizedAdvantage Estimate(Rollout rollout, double score)
    {
        var rewards = new double[rollout.Length];
        for (var t = 0; t < rewards.Length; t++)
            rewards[t] = -KlCoefficient * KlEstimates.K1(rollout.LogProbabilities[t], rollout.ReferenceLogProbabilities[t]);
        rewards[^1] += score;
        return GeneralizedAdvantage.Of(rewards, rollout.Values, _settings.Gamma, _settings.GaeLambda);
    }

    /// <summary>One update.</summary>
    private void Update(RolloutBatch batch, int[] minibatch, double[][] advantages, double[][] returns, PpoTally tally)
    {
        _optimizer.ZeroGradients();
        tally.Begin();
        var tokens = minibatch.Sum(i => batch.Rollouts[i].Length);
        using (_model.Policy.Decoder.FixWeights())
        {
            foreach (var portion in BatchPlan.ByLength(Enumerable.Range(0, minibatch.Length), i => batch.Rollouts[minibatch[i]].Text.Ids.Length, _settings.TokenBudget))
            {
                using var scope = NewDisposeScope();
                using var texts = TextBatch.Create([.. portion.Select(i => batch.Rollouts[minibatch[i]].Text)], _settings.PadId, _model.Policy.Decoder.Embedding.device);
                var rollouts = portion.Select(i => batch.Rollouts[minibatch[i]]).ToArray();
                var known = new KnownTokens(
                    Flat(rollouts.Select(rollout => rollout.LogProbabilities)), Flat(rollouts.Select(rollout => rollout.Values)), Flat(portion.Select(i => advantages[i])), Flat(portion.Select(i => returns[i])));
                Backward(texts, batch.Input(texts, portion.Select(i => minibatch[i])), known, tokens, tally);
            }
        }
        if (!double.IsFinite(tally.Loss))
            throw new ArithmeticException($"step {Step + 1}: the loss is {tally.Loss}; its prompts are {string.Join(", ", minibatch.Select(i => batch.Rollouts[i].Prompt))}. Lower learning_rate, or look at their rewards");
        tally.End(_optimizer.Step(_schedule.Factor(Step)));
        Step++;
    }

    /// <summary>Adds the gradients of a portion's share of the minibatch's mean loss. The graph ends at the hidden states: both heads leave their gradients there, and one pass goes on below.</summary>
    private void Backward(TextBatch texts, ResponseInput input, KnownTokens known, int tokensOfStep, PpoTally tally)
    {
        var hidden = _model.Hidden(input);                                             // [n, d]
        var leaf = hidden.detach().requires_grad_();
        var policy = new TokenLoss[known.Count];
        var logRatios = new double[known.Count];
        TokenLogProbabilities.Backward(leaf, _model.Logits, _model.Policy.Decoder.Config.VocabSize, texts.Targets, (i, logProbability) =>
        {
            logRatios[i] = logProbability - known.LogProbabilities[i];
            policy[i] = _settings.Loss.Policy(logProbability, known.LogProbabilities[i], known.Advantages[i]);
            return policy[i].Slope / tokensOfStep;
        });
        var values = _model.Values(leaf);                                              // [n]
        var slopes = RolloutSampler.Numbers(values);
        for (var i = 0; i < slopes.Length; i++)
        {
            var value = _settings.Loss.Value(slopes[i], known.Values[i], known.Returns[i]);
            tally.Add(policy[i], value, logRatios[i], _settings.Loss.IsOutside(Math.Exp(logRatios[i])));
            slopes[i] = (float)(_settings.Loss.ValueCoefficient * value.Slope / tokensOfStep);
        }
        values.backward([tensor(slopes, device: values.device)]);
        hidden.backward([leaf.grad!]);
    }

    private static double[] Flat(IEnumerable<double[]> rows) => [.. rows.SelectMany(row => row)];

    /// <summary>What was fixed about a portion's response tokens when they were drawn, row after row.</summary>
    private sealed record KnownTokens(double[] LogProbabilities, double[] Values, double[] Advantages, double[] Returns)
    {
        public int Count => LogProbabilities.Length;
    }
}
