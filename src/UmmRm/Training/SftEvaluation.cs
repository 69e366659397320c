using UmmRm.Data;
using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>A language model on texts that it was not trained on.</summary>
public static class SftEvaluation
{
    /// <summary>Mean cross-entropy of the response tokens in nats, and the share of them that were the most likely token.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="texts">At least one text with a response.</param>
    /// <param name="padId">The id that fills rows up.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass.</param>
    public static (double Loss, double TokenAccuracy) Measure(CausalLM model, IReadOnlyList<EncodedText> texts, int padId, int tokenBudget)
    {
        using var _ = no_grad();
        using var weights = model.Decoder.FixWeights();
        var (loss, right, targets) = (0.0, 0L, 0L);
        foreach (var portion in BatchPlan.ByLength(texts, text => text.Ids.Length, tokenBudget))
        {
            using var scope = NewDisposeScope();
            using var batch = TextBatch.Create(portion, padId, model.Decoder.Embedding.device);
            var hidden = model.Hidden(new TokenInput(batch.Ids, batch.Positions) { Lengths = batch.Lengths });
            var (sum, hits) = CausalLMLoss.Sum(model, hidden.view(-1, hidden.shape[^1]).index_select(0, batch.PredictAt), batch.Targets);
            (loss, right, targets) = (loss + sum, right + hits, targets + batch.Targets.shape[0]);
        }
        return (loss / targets, (double)right / targets);
    }
}
