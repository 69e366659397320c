using UmmRm.Data;
using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>
/// Supervised fine-tuning: the mean cross-entropy of response tokens, over all of a step's response tokens alike (not a mean of the
/// portions' means). Prompts are read but not learned.
/// </summary>
public sealed class SftTrainer : IDisposable
{
    private readonly CausalLM _model;
    private readonly IReadOnlyList<EncodedText> _texts;
    private readonly TrainingSettings _settings;
    private readonly LearningRateSchedule _schedule;
    private readonly AdamW _optimizer;

    /// <summary>A training of <paramref name="model"/>, which is changed in place.</summary>
    /// <exception cref="ArgumentException">There are no texts, or nothing to train.</exception>
    public SftTrainer(CausalLM model, IReadOnlyList<EncodedText> texts, TrainingSettings settings)
    {
        if (texts.Count == 0)
            throw new ArgumentException("there is no text to train on");
        (_model, _texts, _settings) = (model, texts, settings);
        _schedule = settings.ScheduleFor(texts.Count);
        _optimizer = new AdamW(model.named_parameters(), settings.Optimizer);
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
    /// <exception cref="ArithmeticException">The loss or the gradient is not finite; the message names the step and its texts.</exception>
    public IEnumerable<TrainingStep> Run()
    {
        _model.train();
        foreach (var indices in _settings.Steps(_texts.Count, Step))
            yield return Update(indices.Select(i => _texts[i]).ToList());
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private TrainingStep Update(List<EncodedText> texts)
    {
        _optimizer.ZeroGradients();
        var targets = texts.Sum(text => (long)text.Ids.Length - Math.Max(1, text.ResponseStart));
        var (loss, right, tokens) = (0.0, 0L, 0L);
        using (_model.Decoder.FixWeights())
        {
            foreach (var portion in BatchPlan.ByLength(texts, text => text.Ids.Length, _settings.TokenBudget))
            {
                using var scope = NewDisposeScope();
                using var batch = TextBatch.Create(portion, _settings.PadId, _model.Decoder.Embedding.device);
                var hidden = _model.Hidden(new TokenInput(batch.Ids, batch.Positions) { Lengths = batch.Lengths });
                var result = CausalLMLoss.Backward(_model, hidden.view(-1, hidden.shape[^1]).index_select(0, batch.PredictAt), batch.Targets, targets);
                (loss, right, tokens) = (loss + result.Loss, right + result.Right, tokens + batch.Tokens);
            }
        }
        if (!double.IsFinite(loss))
            throw new ArithmeticException($"step {Step + 1}: the loss is {loss}; its texts are rows {string.Join(", ", texts.Select(t => t.Index))} of the data. Lower learning_rate, or check these rows");
        var factor = _schedule.Factor(Step);
        var norm = _optimizer.Step(factor);
        Step++;
        return new TrainingStep(Step, (double)Step * _settings.BatchSize / _texts.Count, tokens, new Dictionary<string, double>
        {
            ["loss"] = loss,
            ["mean_token_accuracy"] = (double)right / targets,
            ["num_tokens"] = tokens,
            ["grad_norm"] = norm,
            ["learning_rate"] = factor * _settings.Optimizer.LearningRate,
        });
    }
}
