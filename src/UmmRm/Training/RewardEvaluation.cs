using UmmRm.Data;
using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>A reward model on pairs that it was not trained on.</summary>
public static class RewardEvaluation
{
    /// <summary>TRL's metrics (loss, accuracy, margin, min_reward, mean_reward, max_reward), without prefix.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="pairs">At least one pair.</param>
    /// <param name="loss">The loss that training minimises.</param>
    /// <param name="padId">The id that fills rows up.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass.</param>
    public static IReadOnlyDictionary<string, double> Measure(RewardModel model, IReadOnlyList<EncodedPair> pairs, BradleyTerryLoss loss, int padId, int tokenBudget)
    {
        using var _ = no_grad();
        using var weights = model.Decoder.FixWeights();
        var tally = new RewardTally();
        foreach (var portion in BatchPlan.ByLength(pairs, pair => pair.RowLength, tokenBudget))
        {
            using var scope = NewDisposeScope();
            using var batch = PairBatch.Create(portion, padId, device: model.Head.device);
            var scores = model.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends).view(-1, 2);
            tally.Add(loss.PerPair(scores.select(1, 0), scores.select(1, 1), batch.Margins, batch.Labels), scores, batch.Tokens, pairs.Count);
        }
        return tally.Metrics();
    }
}
