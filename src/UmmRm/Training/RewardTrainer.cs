using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>The settings of reward training beyond <see cref="TrainingSettings"/>.</summary>
public sealed record RewardSettings
{
    /// <summary>The loss and its options.</summary>
    public BradleyTerryLoss Loss { get; init; } = new();

    /// <summary>true for one row a pair (the shared prefix is computed once); false for the plain two-row path.</summary>
    public bool SharePrefix { get; init; } = true;

    /// <summary>Weight of the load-balancing loss on a mixture's routers; 0 switches it off.</summary>
    public double LoadBalance { get; init; }

    /// <summary>Standard deviation of Gaussian noise on the routing logits of training passes; 0 switches it off.</summary>
    public double RouterNoise { get; init; }
}

/// <summary>
/// Bradley-Terry training of a reward model, dense or mixture alike (METHOD 1). An explicit loop: each step is yielded as numbers, and
/// the caller logs, evaluates and saves between steps.
/// </summary>
public sealed class RewardTrainer : IDisposable
{
    private readonly RewardModel _model;
    private readonly IReadOnlyList<EncodedPair> _pairs;
    private readonly TrainingSettings _settings;
    private readonly RewardSettings _reward;
    private readonly LearningRateSchedule _schedule;
    private readonly AdamW _optimizer;
    private readonly RouterNoise? _noise;

    /// <summary>A training of <paramref name="model"/>, which is changed in place.</summary>
    /// <exception cref="ArgumentException">There are no pairs, or nothing to train.</exception>
    public RewardTrainer(RewardModel model, IReadOnlyList<EncodedPair> pairs, TrainingSettings settings, RewardSettings? reward = null)
    {
        if (pairs.Count == 0)
            throw new ArgumentException("there is no preference pair to train on");
        (_model, _pairs, _settings, _reward) = (model, pairs, settings, reward ?? new RewardSettings());
        _schedule = settings.ScheduleFor(pairs.Count);
        _optimizer = new AdamW(model.named_parameters(), settings.Optimizer);
        _noise = _reward.RouterNoise > 0 ? new RouterNoise(_reward.RouterNoise, settings.Seed) : null;
    }

    /// <summary>Updates of the whole training.</summary>
    public long TotalSteps => _schedule.TotalSteps;

    /// <summary>Updates done so far.</summary>
    public long Step { get; private set; }

    /// <summary>Saves everything that the rest of the training depends on.</summary>
    public void Save(string folder) => TrainingSnapshot.Save(folder, _model, _optimizer, Step);

    /// <summary>Continues from a snapshot, exactly as if training had not been interrupted.</summary>
    /// <exception cref="InvalidDataException">The snapshot is damaged or of another model.</exception>
    public void Restore(string folder) => Step = TrainingSnapshot.Restore(folder, _model, _optimizer);

    /// <summary>Trains to the end, an update at a time.</summary>
    /// <exception cref="ArithmeticException">The loss or the gradient is not finite; the message names the step and its pairs.</exception>
    public IEnumerable<TrainingStep> Run()
    {
        _model.train();
        foreach (var indices in _settings.Steps(_pairs.Count, Step))
        {
            var pairs = indices.Select(i => _pairs[i]).ToList();
            yield return Update(pairs, [.. BatchPlan.ByLength(pairs, RowTokens, _settings.TokenBudget)]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private int RowTokens(EncodedPair pair) => _reward.SharePrefix ? pair.RowLength : 2 * Math.Max(pair.Chosen.Length, pair.Rejected.Length);

    private TrainingStep Update(List<EncodedPair> pairs, List<EncodedPair[]> portions)
    {
        _optimizer.ZeroGradients();
        var tally = new RewardTally();
        SetNoise(_noise);
        using (_model.Decoder.FixWeights())
        {
            foreach (var (index, portion) in portions.Index())
            {
                using var scope = NewDisposeScope();
                using var batch = PairBatch.Create(portion, _settings.PadId, _reward.SharePrefix, _model.Head.device);
                _noise?.Begin($"router noise of step {Step}, portion {index}");
                Backward(batch, pairs.Count, tally);
            }
        }
        SetNoise(null); // between updates the caller may evaluate
        var factor = _schedule.Factor(Step);
        if (!double.IsFinite(tally.Loss))
            throw new ArithmeticException($"step {Step + 1}: the loss is {tally.Loss}; its pairs are rows {string.Join(", ", pairs.Select(p => p.Index))} of the data. Lower learning_rate, or check these rows");
        var norm = _optimizer.Step(factor);
        Step++;
        return new TrainingStep(Step, (double)Step * _settings.BatchSize / _pairs.Count, tally.Tokens, tally.Metrics(norm, factor * _settings.Optimizer.LearningRate));
    }

    private void SetNoise(RouterNoise? noise)
    {
        if (_noise is null)
            return;
        foreach (var mixture in _model.modules().OfType<SharedExpertMoe>())
            mixture.Noise = noise;
    }

    /// <summary>Adds one portion's share of the step's mean loss to the gradients.</summary>
    private void Backward(PairBatch batch, int pairsOfStep, RewardTally tally)
    {
        using var balance = _reward.LoadBalance > 0 ? new LoadBalance(batch.Weights) : null;
        var scores = _model.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends, balance).view(-1, 2); // [n, 2]
        var losses = _reward.Loss.PerPair(scores.select(1, 0), scores.select(1, 1), batch.Margins, batch.Labels);                // [n]
        var share = losses.sum().Over(pairsOfStep);
        if (balance is not null)
            share = share.PlusScaled(balance.Loss(), _reward.LoadBalance * batch.Pairs.Count / pairsOfStep);
        share.backward();
        tally.Add(losses, scores, batch.Tokens, pairsOfStep);
    }
}
