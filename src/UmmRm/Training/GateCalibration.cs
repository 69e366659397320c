using UmmRm.Data;
using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>Runs calibration pairs through a mixture and returns METHOD 4's expected gates.</summary>
public static class GateCalibration
{
    /// <summary>beta_i = E_t[p_it] of each layer, over every token of every text; a shared prefix counts for both of its texts.</summary>
    /// <param name="mixture">A mixture; not changed.</param>
    /// <param name="pairs">Calibration pairs, at least one.</param>
    /// <param name="padId">The id that fills rows up.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass, padding included.</param>
    /// <param name="progress">Called with the number of pairs done.</param>
    public static IReadOnlyList<double[]> ExpectedGates(RewardModel mixture, IReadOnlyList<EncodedPair> pairs, int padId, int tokenBudget = 4096, Action<int>? progress = null)
    {
        using var _ = no_grad();
        using var weights = mixture.Decoder.FixWeights();
        var gates = new ExpectedGates(mixture.Decoder.Config);
        var done = 0;
        foreach (var portion in BatchPlan.ByLength(pairs, pair => pair.RowLength, tokenBudget))
        {
            using var scope = NewDisposeScope();
            using var batch = PairBatch.Create(portion, padId, device: mixture.Head.device);
            gates.Weights = batch.Weights;
            mixture.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends, gates);
            progress?.Invoke(done += portion.Length);
        }
        return gates.PerLayer();
    }
}
