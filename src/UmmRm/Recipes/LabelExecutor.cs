using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>Labels pairs anew by a reward's scores, as the paper relabels by gold: all fields stay, sides are exchanged where gold says so, ties are dropped.</summary>
public sealed class LabelExecutor : IStageExecutor<LabelStage>
{
    /// <inheritdoc/>
    public void Execute(LabelStage stage, StageContext context)
    {
        var data = PreferenceData.ReadRows(context.SourceOf(stage.Data), stage.Options(stage.Data));
        foreach (var warning in data.Report.Warnings())
            context.Warn(warning);
        using var gold = RewardFunctions.Open(context.PathOf(stage.Model), "gold", stage.Encoder, stage.Precision, stage.TokenBudget);
        var labels = Label(data.Rows, gold, stage.Noise, context.Random("label noise"), context.Cancellation);
        context.Note($"{labels.Kept} pairs: {labels.Reversed} reversed, {labels.Ties} ties dropped, {labels.Flipped} flipped by noise");
        using var writer = new JsonLinesWriter(context.Output());
        foreach (var row in labels.Rows)
            writer.Write(row);
        writer.Commit();
    }

    /// <summary>The rows as they are to be written, with counts.</summary>
    private static (IReadOnlyList<JsonObject> Rows, int Kept, int Reversed, int Ties, int Flipped) Label(IReadOnlyList<PreferenceRow> rows, IRewardFunction gold, double noise, Runtime.SeededRandom random, CancellationToken cancellation)
    {
        var chosen = rows.Select(row => new Completion(row.Pair.Prompt, row.Pair.Chosen, row.Pair.ChosenEnded)).ToList();
        var rejected = rows.Select(row => new Completion(row.Pair.Prompt, row.Pair.Rejected, row.Pair.RejectedEnded)).ToList();
        var labels = PreferenceLabels.Order(chosen, rejected, gold, cancellation).WithNoise(noise, random);
        var reversed = labels.Pairs.Count(pair => !ReferenceEquals(pair.Chosen, chosen[pair.Index]));
        var written = labels.Pairs.Select(pair => ReferenceEquals(pair.Chosen, chosen[pair.Index]) ? (JsonObject)rows[pair.Index].Row.Fields.DeepClone() : rows[pair.Index].Reversed()).ToList();
        return (written, labels.Pairs.Count, reversed, labels.Ties, labels.Flipped);
    }
}
