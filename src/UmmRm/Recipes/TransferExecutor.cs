using UmmRm.Reports;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>The exploit-transfer matrix: a row a policy, a column a reward; in a cell the mean z-score of the policy's final answers on the scale of the starting policy's.</summary>
public sealed class TransferExecutor : IStageExecutor<TransferStage>
{
    /// <inheritdoc/>
    public void Execute(TransferStage stage, StageContext context)
    {
        var files = stage.Samples.Select(samples => PolicySamples.Files(context.PathOf(samples))).ToList();
        var start = PolicySamples.Read(files[0][0]); // all policies begin as one, and answer the same prompts with the same draws
        var ends = files.Select(steps => PolicySamples.Read(steps[^1])).ToList();
        var memory = new ScoreMemory();
        var cells = new double[files.Count, stage.Rewards.Count];
        foreach (var (column, input) in stage.Rewards.Index())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var reward = RewardFunctions.Open(context.PathOf(input), input.ToString(),
                (folder, name) => memory.Of(folder, name, () => RewardFunctions.Open(folder, name, stage.Encoder, stage.Precision, stage.TokenBudget)));
            var scale = RewardNormalization.Fit(FiniteScores.From(reward, start, context.Cancellation));
            for (var row = 0; row < ends.Count; row++)
                cells[row, column] = FiniteScores.From(reward, ends[row], context.Cancellation).Average(scale.Apply);
            context.Progress?.Report(new ProgressReport(stage.Name, column + 1, stage.Rewards.Count, "rewards", input.ToString()));
        }
        Write(stage, context, cells);
    }

    private static void Write(TransferStage stage, StageContext context, double[,] cells)
    {
        var matrix = new TransferMatrix([.. stage.Samples.Select(samples => samples.Target)], [.. stage.Rewards.Select(reward => reward.ToString())],
            [.. Enumerable.Range(0, stage.Samples.Count).Select(row => Enumerable.Range(0, stage.Rewards.Count).Select(column => cells[row, column]).ToArray())]);
        RunJson.Write(context.Output(), matrix);
        File.WriteAllText(Path.Combine(context.Folder, "transfer.md"), matrix.Table().ToMarkdown());
    }
}
