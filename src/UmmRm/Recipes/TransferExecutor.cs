using System.Text.Json.Nodes;
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
        string[] policies = [.. stage.Samples.Select(samples => samples.Target)], rewards = [.. stage.Rewards.Select(reward => reward.ToString())];
        var table = new ResultTable([new TableColumn("final answers of"), .. rewards.Select(reward => new TableColumn(reward, RightAligned: true))]);
        foreach (var (row, policy) in policies.Index())
            table.Add([policy, .. rewards.Select((_, column) => TableCell.Number(cells[row, column], 2))]);
        var json = new JsonObject
        {
            ["policies"] = new JsonArray([.. policies.Select(policy => JsonValue.Create(policy))]),
            ["rewards"] = new JsonArray([.. rewards.Select(reward => JsonValue.Create(reward))]),
            ["z"] = new JsonArray([.. policies.Select((_, row) => new JsonArray([.. rewards.Select((_, column) => JsonValue.Create(cells[row, column]))]))]),
        };
        File.WriteAllText(context.Output(), json.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n");
        File.WriteAllText(Path.Combine(context.Folder, "transfer.md"), table.ToMarkdown());
    }
}
