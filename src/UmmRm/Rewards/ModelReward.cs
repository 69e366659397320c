using UmmRm.Data;
using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Rewards;

/// <summary>A reward model as a reward function: dense, mixture, merged or gold alike. Scores in batches of like length; a score does not depend on its batch.</summary>
public sealed class ModelReward : IRewardFunction
{
    private readonly RewardModel _model;
    private readonly int _padId;
    private readonly int _tokenBudget;
    private readonly bool _ownsModel;

    /// <summary>A reward function.</summary>
    /// <param name="name">For logs and reports.</param>
    /// <param name="model">The model; not changed.</param>
    /// <param name="encoder">How texts become ids: the one that the model was trained with.</param>
    /// <param name="padId">The id that fills rows up.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass, padding included.</param>
    /// <param name="ownsModel">Whether the model is disposed with the reward.</param>
    public ModelReward(string name, RewardModel model, SequenceEncoder encoder, int padId, int tokenBudget = 8192, bool ownsModel = false) =>
        (Name, _model, Encoder, _padId, _tokenBudget, _ownsModel) = (name, model, encoder, padId, tokenBudget, ownsModel);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How texts become ids.</summary>
    public SequenceEncoder Encoder { get; }

    /// <summary>Ids are below this; a tokenizer that belongs to another model may give others.</summary>
    public int VocabularySize => _model.Decoder.Config.VocabSize;

    /// <summary>
    /// A token that is not read at: the reward is read at the last token that is another one, as transformers does with its padding token. Set where a model's
    /// padding token ends texts too; null reads at the last token.
    /// </summary>
    public int? ReadsBeforeTrailing { get; init; }

    /// <summary>The only routed expert (0-based) that scores, merged with the shared one, where the model is a mixture; null for the model itself.</summary>
    public int? Expert { get; private init; }

    /// <summary>
    /// The single experts of a mixture as rewards of their own: each routed expert merged with the shared one (METHOD 4 with one coefficient 1). They share the
    /// model's weights, cost a dense model's pass each, and must not outlive this reward. Empty for a dense model.
    /// </summary>
    public IReadOnlyList<ModelReward> SingleExperts() =>
        [.. Enumerable.Range(0, _model.Decoder.Config.Moe?.RoutedExperts ?? 0).Select(expert =>
            new ModelReward($"{Name}, expert {expert + 2}", _model, Encoder, _padId, _tokenBudget) { ReadsBeforeTrailing = ReadsBeforeTrailing, Expert = expert })]; // 1 is the shared one

    /// <inheritdoc/>
    public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) => Score([.. completions.Select(Encoder.Encode)], cancellation: cancellation);

    /// <summary>Scores texts given as token ids, special tokens included; the result has their order.</summary>
    /// <param name="texts">The ids of each text.</param>
    /// <param name="progress">Called with the number of texts done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="InvalidDataException">A text is empty or longer than the model's positions, holds an id outside the vocabulary, or its score is not finite; the message names its index.</exception>
    public double[] Score(IReadOnlyList<int[]> texts, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        if (ReadsBeforeTrailing is { } skipped)
            texts = [.. texts.Select(ids => ids[..(Array.FindLastIndex(ids, id => id != skipped) + 1)])]; // no token sees what comes after it
        Check(texts);
        var scores = new double[texts.Count];
        var done = 0;
        using var _ = no_grad();
        using var weights = _model.Decoder.FixWeights();
        foreach (var portion in BatchPlan.ByLength(texts.Select((ids, index) => new EncodedText(ids, 0, index)), text => text.Ids.Length, _tokenBudget))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = TextBatch.Create(portion, _padId, _model.Head.device);
            var values = _model.Forward(new TokenInput(batch.Ids, batch.Positions) { Lengths = batch.Lengths }, batch.Ends, expert: Expert).view(-1).to_type(ScalarType.Float64).cpu().data<double>().ToArray();
            for (var row = 0; row < portion.Length; row++)
                scores[portion[row].Index] = values[row];
            progress?.Invoke(done += portion.Length);
        }
        FiniteScores.Check(Name, scores);
        return scores;
    }

    /// <summary>Disposes the model where the reward owns it.</summary>
    public void Dispose()
    {
        if (_ownsModel)
            _model.Dispose();
    }

    private void Check(IReadOnlyList<int[]> texts)
    {
        var (limit, vocabulary) = (_model.Decoder.Config.MaxPositions, _model.Decoder.Config.VocabSize);
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i].Length == 0)
                throw new InvalidDataException($"text {i} has no tokens; there is nothing to score");
            if (texts[i].Length > limit)
                throw new InvalidDataException($"text {i} has {texts[i].Length} tokens; {Name} was made for at most {limit}, and a text is never cut silently: shorten it or leave it out");
            if (texts[i].Max() is var id && id >= vocabulary)
                throw new InvalidDataException($"text {i} has the token id {id}; the vocabulary of {Name} has {vocabulary} rows: its tokenizer belongs to another model, or the rows for added tokens are missing");
        }
    }
}
