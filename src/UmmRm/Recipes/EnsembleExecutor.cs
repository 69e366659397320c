using UmmRm.Data;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>Writes an ensemble's file; its members stay where they are. Normalised members are measured on the reference samples once, here.</summary>
public sealed class EnsembleExecutor : IStageExecutor<EnsembleStage>
{
    /// <inheritdoc/>
    public void Execute(EnsembleStage stage, StageContext context)
    {
        var reference = stage.Normalise ? Reference(stage, context) : [];
        var place = Path.Combine(context.RunFolder, stage.Name);
        var members = stage.Models.Select(context.PathOf).Select(path => new EnsembleMember(RemoteRewardSettings.IsAddress(path) ? path : Path.GetRelativePath(place, path), Normalization(stage, context, path, reference))).ToList();
        RewardFunctions.WriteEnsemble(context.Output(), new EnsembleFile(stage.Combine, stage.Lambda, stage.UnbiasedVariance, members));
    }

    private static RewardNormalization? Normalization(EnsembleStage stage, StageContext context, string path, IReadOnlyList<Completion> reference)
    {
        if (reference.Count == 0)
            return null;
        using var member = RewardFunctions.Open(path, Path.GetFileName(path), stage.Encoder, stage.Precision, stage.TokenBudget);
        return RewardNormalization.Fit(member.Score(reference, context.Cancellation));
    }

    /// <summary>Both sides of the reference pairs that fit the members' length limit; the others are dropped and counted.</summary>
    private static List<Completion> Reference(EnsembleStage stage, StageContext context)
    {
        var pairs = context.ReadPairs(stage, stage.Reference!).Rows;
        pairs = context.Fitting(stage, stage.Models[0], pairs, "reference pairs");
        return [.. pairs.SelectMany(pair => new[] { new Completion(pair.Prompt, pair.Chosen, pair.ChosenEnded), new Completion(pair.Prompt, pair.Rejected, pair.RejectedEnded) })];
    }
}
