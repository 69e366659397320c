using UmmRm.Data;
using UmmRm.Reports;
using UmmRm.Training;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Merges a mixture into a dense reward model (METHOD 4): coefficients first, then the weights, streaming.</summary>
public sealed class MergeExecutor : IStageExecutor<MergeStage>
{
    /// <inheritdoc/>
    public void Execute(MergeStage stage, StageContext context)
    {
        var mixture = context.PathOf(stage.Model);
        IReadOnlyList<EncodedPair> calibration = [];
        var record = stage switch
        {
            { Coefficients: { } file } => Given(context.PathOf(file)),
            { Method: MergeMethod.Uniform } => MergeRecord.Uniform(Checkpoint.ReadConfig(mixture)),
            _ => Calibrated(stage, context, mixture, out calibration),
        };
        ExpertMerging.Write(mixture, record, context.Output(), context.WriteOptions("merging"));
        if (ModelFolder.Open(mixture).Metadata?.Probes.Select(probe => probe.Ids?.ToArray()).OfType<int[]>().ToList() is { Count: > 0 } probes)
            RewardProbes.Record(context.Output(), probes, RewardExecutor.Sides(calibration, RewardProbes.MostReferences / 2), ScoreNormalisation.Calibration);
    }

    private static MergeRecord Given(string path) =>
        MergeRecord.ReadFile(path) with { Method = "given", Start = null, LossBefore = null, LossAfter = null };

    private static MergeRecord Calibrated(MergeStage stage, StageContext context, string mixture, out IReadOnlyList<EncodedPair> pairs)
    {
        var folder = ModelFolder.Open(mixture);
        var encoded = pairs = context.EncodePairs(stage.Encoder(folder), context.ReadPairs(stage, stage.Data!).Rows, "calibration pairs");
        using var model = folder.LoadRewardModel(stage.Precision);
        var gates = GateCalibration.ExpectedGates(model, pairs, folder.PadId, stage.TokenBudget, done => context.Progress?.Report(new ProgressReport($"{stage.Name}, expected gates", done, encoded.Count, "pairs")));
        return stage.Method == MergeMethod.ExpectedGate ? new MergeRecord { Method = "expected-gate", Coefficients = gates } : Learned(stage, context, folder, model, gates, pairs);
    }

    private static MergeRecord Learned(MergeStage stage, StageContext context, ModelFolder folder, Models.RewardModel model, IReadOnlyList<double[]> gates, IReadOnlyList<EncodedPair> pairs)
    {
        using var trainer = new MergeTrainer(model, gates, stage.ToMergeSettings(context.Seed, folder.PadId));
        context.Metrics.Rewind(-1);
        var before = trainer.MeanLoss(pairs);
        foreach (var step in trainer.Run(pairs))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Metrics.Write(step.Step, step.Metrics);
            context.Progress?.Report(new ProgressReport(stage.Name, step.Step, stage.Steps, "steps", $"loss {step.Loss:.000}"));
        }
        var record = new MergeRecord { Method = "learned", Coefficients = trainer.Coefficients, Start = gates, LossBefore = before, LossAfter = trainer.MeanLoss(pairs) };
        context.Note(FormattableString.Invariant($"coefficients moved {record.L1FromStart!.Average():0.000} (L1) from the expected gates, {record.L1FromUniform.Average():0.000} from uniform; loss {before:0.0000} -> {record.LossAfter:0.0000}"));
        return record;
    }
}
