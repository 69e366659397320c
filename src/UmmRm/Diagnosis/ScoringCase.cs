using UmmRm.Models;
using UmmRm.Recipes;
using UmmRm.Rewards;
using UmmRm.Runtime;

namespace UmmRm.Diagnosis;

/// <summary>A model with its weights in memory, in float32, as far as there is room; a language model has a new reward head for as long as it is looked at.</summary>
internal sealed class ScoringCase : IDisposable
{
    private const int TokenBudget = 4096;

    private readonly Lazy<ModelReward?> _reward;
    private readonly Examination _examination;
    private RewardModel? _model;

    /// <param name="reading">The model and its texts.</param>
    /// <param name="examination">Whom to tell how far scoring is.</param>
    /// <param name="memory">Bytes that there are.</param>
    public ScoringCase(ReadingCase reading, Examination examination, long memory)
    {
        (Reading, Memory, _examination) = (reading, memory, examination);
        _reward = new(Load);
    }

    /// <summary>The model and its texts.</summary>
    public ReadingCase Reading { get; }

    /// <summary>Bytes that there are.</summary>
    public long Memory { get; }

    /// <summary>Bytes that the model takes.</summary>
    public long Needed => new ModelMemory(Reading.Model.Config.Model, RewardHead: true, 4).Scoring(Precision.Float32, TokenBudget, Math.Min(TokenBudget, Reading.Encoder.MaxLength)).Sum(term => term.Bytes);

    /// <summary>The model as a reward; null where it does not fit into memory.</summary>
    public ModelReward? Reward => _reward.Value;

    /// <summary>The model of <see cref="Reward"/>.</summary>
    public RewardModel Model => _model!;

    /// <summary>Scores of ids, a batch together.</summary>
    public double[] Score(IReadOnlyList<int[]> texts, string? what = null) => Reward!.Score(
        texts,
        what is null ? null : done => _examination.Progress?.Report(new(what, done, texts.Count, "texts")),
        _examination.Cancellation);

    public void Dispose() => _model?.Dispose();

    private ModelReward? Load()
    {
        var folder = Reading.Model.Folder;
        _ = Reading.Model.HasHead; // what it throws, this throws
        if (Needed > Memory)
            return null;
        _model = folder.LoadRewardModel(newHeadSeed: folder.Config.IsRewardModel ? null : 0);
        _model.eval();
        return new ModelReward("the model", _model, Reading.Encoder, folder.PadId, TokenBudget) { ReadsBeforeTrailing = folder.PadEndsTexts ? folder.PadId : null };
    }
}
