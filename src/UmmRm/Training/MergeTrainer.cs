using TorchSharp.Modules;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>The settings of learning merge coefficients; the defaults are METHOD 4's.</summary>
public sealed record MergeSettings
{
    /// <summary>Updates, at most 200 in the paper.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Adam's constant learning rate; much smaller ones leave the coefficients where they started.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>Calibration pairs of one update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Most tokens of one forward pass, padding included.</summary>
    public int TokenBudget { get; init; } = 4096;

    /// <summary>Fixes the order of the calibration pairs.</summary>
    public long Seed { get; init; }

    /// <summary>The id that fills rows up.</summary>
    public required int PadId { get; init; }
}

/// <summary>
/// Learns merge coefficients (METHOD 4): beta = softmax(a), one vector a layer, by minimising the Bradley-Terry loss of the merged model on
/// calibration pairs. Everything else is frozen. The mixture runs blended while this lives and is itself again afterwards.
/// </summary>
public sealed class MergeTrainer : IDisposable
{
    private readonly RewardModel _model;
    private readonly MergeSettings _settings;
    private readonly List<SharedExpertMoe> _mixtures;
    private readonly List<BlendedFeedForward> _blends;
    private readonly List<Parameter> _frozen;
    private readonly AdamW _optimizer;

    /// <summary>Puts blends in the place of the mixture's layers.</summary>
    /// <param name="mixture">A trained mixture.</param>
    /// <param name="start">beta to start from, one vector a layer: usually the expected gates.</param>
    /// <param name="settings">Steps, rate, batches.</param>
    /// <exception cref="ArgumentException">The model is dense, or the coefficients are of another shape.</exception>
    public MergeTrainer(RewardModel mixture, IReadOnlyList<double[]> start, MergeSettings settings)
    {
        var moe = mixture.Decoder.Config.Moe ?? throw new ArgumentException("the model is dense: there are no experts to merge");
        var layers = mixture.Decoder.Layers;
        if (start.Count != layers.Count || start.Any(beta => beta.Length != moe.RoutedExperts))
            throw new ArgumentException($"merging needs {layers.Count} coefficient vectors of length {moe.RoutedExperts}, one a layer");
        (_model, _settings) = (mixture, settings);
        _frozen = [.. mixture.parameters().Where(p => p.requires_grad)];
        _frozen.ForEach(p => p.requires_grad = false);
        _mixtures = [.. layers.Select(layer => (SharedExpertMoe)layer.FeedForward)];
        _blends = [.. _mixtures.Zip(start, (experts, beta) => new BlendedFeedForward(experts, moe.SharedExpertWeight, beta))];
        foreach (var layer in layers)
            layer.Substitute(_blends[layer.Index]);
        _optimizer = new AdamW(_blends.Select((blend, layer) => ($"layers.{layer}", blend.Logits)),
            new AdamWSettings { LearningRate = settings.LearningRate, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0, Clip = 0 });
    }

    /// <summary>beta of each layer as learned so far.</summary>
    public IReadOnlyList<double[]> Coefficients => [.. _blends.Select(blend => blend.Coefficients())];

    /// <summary>Learns; each step is yielded with its loss before the update.</summary>
    public IEnumerable<TrainingStep> Run(IReadOnlyList<EncodedPair> pairs)
    {
        var steps = Enumerable.Range(0, int.MaxValue).SelectMany(epoch => BatchPlan.Epoch(pairs.Count, _settings.BatchSize, _settings.Seed, epoch)).Take(_settings.Steps);
        var done = 0L;
        foreach (var step in steps)
        {
            var (loss, tokens) = Update([.. step.Select(i => pairs[i])]);
            yield return new TrainingStep(++done, (double)done * _settings.BatchSize / pairs.Count, tokens, new Dictionary<string, double> { ["loss"] = loss, ["learning_rate"] = _settings.LearningRate });
        }
    }

    /// <summary>The merged model's mean loss over pairs, at the present coefficients.</summary>
    public double MeanLoss(IReadOnlyList<EncodedPair> pairs)
    {
        using var _ = no_grad();
        using var weights = _model.Decoder.FixWeights();
        return Portions(pairs).Sum(portion => Loss(portion, pairs.Count, backward: false).Loss);
    }

    /// <summary>Gives the mixture its own layers and gradients back.</summary>
    public void Dispose()
    {
        foreach (var layer in _model.Decoder.Layers)
            layer.Substitute(_mixtures[layer.Index]);
        _frozen.ForEach(p => p.requires_grad = true);
        _blends.ForEach(blend => blend.Dispose());
        _optimizer.Dispose();
    }

    private (double Loss, long Tokens) Update(IReadOnlyList<EncodedPair> pairs)
    {
        _optimizer.ZeroGradients();
        var (loss, tokens) = (0.0, 0L);
        using (_model.Decoder.FixWeights())
        {
            foreach (var portion in Portions(pairs))
            {
                var part = Loss(portion, pairs.Count, backward: true);
                (loss, tokens) = (loss + part.Loss, tokens + part.Tokens);
            }
        }
        _optimizer.Step(1);
        return (loss, tokens);
    }

    private IEnumerable<EncodedPair[]> Portions(IEnumerable<EncodedPair> pairs) => BatchPlan.ByLength(pairs, pair => pair.RowLength, _settings.TokenBudget);

    private (double Loss, long Tokens) Loss(EncodedPair[] portion, int pairsOfStep, bool backward)
    {
        using var scope = NewDisposeScope();
        using var batch = PairBatch.Create(portion, _settings.PadId, device: _model.Head.device);
        var scores = _model.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends);
        var loss = new BradleyTerryLoss().PerPair(scores.select(1, 0), scores.select(1, 1), batch.Margins, batch.Labels).sum().Over(pairsOfStep);
        if (backward)
            loss.backward();
        return (loss.to_type(ScalarType.Float64).item<double>(), batch.Tokens);
    }
}
