using UmmRm.Data;
using UmmRm.Training;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Bradley-Terry training of a reward model: dense from a language model or a reward model, or a mixture.</summary>
public sealed class RewardExecutor : IStageExecutor<RewardStage>
{
    private const int Probes = 4;

    /// <inheritdoc/>
    public bool Resumes => true;

    /// <inheritdoc/>
    public void Execute(RewardStage stage, StageContext context)
    {
        var folder = ModelFolder.Open(context.PathOf(stage.Model));
        var config = folder.Config.AsRewardModel(SpecialTokens.Named(stage.PadToken, folder.Tokenizer));
        var encoder = stage.Encoder(folder);
        var data = context.ReadPairs(stage, stage.Data);
        var (train, heldOut) = data.HoldOut(stage.HeldOut);
        if (PromptOverlap.Between(train.Select(p => p.Prompt), heldOut.Select(p => p.Prompt)).Warning is { } overlap)
            context.Warn(overlap);
        var pairs = WithMargins(context.EncodePairs(encoder, train, "training pairs"), stage.Margin);
        var held = heldOut.Count == 0 ? [] : WithMargins(context.EncodePairs(encoder, heldOut, "held-out pairs"), stage.Margin);
        var padId = config.Model.PadTokenId!.Value;
        using var model = folder.LoadRewardModel(stage.Precision, newHeadSeed: context.Seed);
        if (model.Constant != 0)
            context.Note(FormattableString.Invariant($"the model's head adds {model.Constant:G6} to every score; the trained model's head has no place for it, and it is left out: differences between scores are the same"));
        model.Constant = 0;
        var loop = new TrainingLoop(stage, context);
        var settings = new RewardSettings { Loss = stage.ToLoss(), LoadBalance = stage.LoadBalance, RouterNoise = stage.RouterNoise };
        using (var trainer = new RewardTrainer(model, pairs, stage.ToTrainingSettings(context.Seed, padId), settings))
            loop.Run(trainer.Run, trainer.TotalSteps, trainer.Save, from => { trainer.Restore(from); return trainer.Step; }, held.Count == 0 ? null : () => Evaluate(held));
        Checkpoint.Save(context.Output(), config, model, folder.Config.StoredType, folder.Path, Metadata(encoder));
        encoder.KeepChatTemplate(context.Output());
        RewardProbes.Record(context.Output(), Sides(held.Count > 0 ? held : pairs, Probes / 2), Sides(held, RewardProbes.MostReferences / 2), ScoreNormalisation.HeldOut);

        IReadOnlyDictionary<string, double> Evaluate(IReadOnlyList<EncodedPair> held) =>
            RewardEvaluation.Measure(model, held, settings.Loss, padId, stage.TokenBudget).ToDictionary(metric => $"eval_{metric.Key}", metric => metric.Value);
    }

    /// <summary>What the model's folder says of how it reads texts.</summary>
    internal static RewardMetadata Metadata(SequenceEncoder encoder) => new() { Template = encoder.Template.ToJson(), AppendEos = encoder.Template.AppendsEos, MaxLength = encoder.MaxLength };

    /// <summary>Both sides of the first pairs.</summary>
    internal static IReadOnlyList<int[]> Sides(IReadOnlyList<EncodedPair> pairs, int most) => [.. pairs.Take(most).SelectMany(pair => new[] { pair.Chosen, pair.Rejected })];

    private static IReadOnlyList<EncodedPair> WithMargins(IReadOnlyList<EncodedPair> pairs, Margin margin) =>
        margin.FromData ? pairs : [.. pairs.Select(pair => pair with { Margin = margin.Value })];
}
