using UmmRm.Data;
using UmmRm.Training;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Supervised fine-tuning of a language model on responses.</summary>
public sealed class SftExecutor : IStageExecutor<SftStage>
{
    /// <inheritdoc/>
    public bool Resumes => true;

    /// <inheritdoc/>
    public void Execute(SftStage stage, StageContext context)
    {
        var folder = ModelFolder.Open(context.PathOf(stage.Model));
        var config = folder.Config.WithPadToken(SpecialTokens.Named(stage.PadToken, folder.Tokenizer));
        var encoder = stage.Encoder(folder);
        var data = context.ReadInstructions(stage, stage.Data);
        var (train, heldOut) = data.HoldOut(stage.HeldOut);
        var texts = context.EncodeTexts(encoder, train, "training texts");
        var held = heldOut.Count == 0 ? [] : context.EncodeTexts(encoder, heldOut, "held-out texts");
        using var model = folder.LoadLanguageModel(stage.Precision);
        var loop = new TrainingLoop(stage, context);
        using (var trainer = new SftTrainer(model, texts, stage.ToTrainingSettings(context.Seed, folder.PadId)))
            loop.Run(trainer.Run, trainer.TotalSteps, trainer.Save, from => { trainer.Restore(from); return trainer.Step; }, held.Count == 0 ? null : () => Evaluate(held));
        Checkpoint.Save(context.Output(), config, model, config.StoredType, folder.Path);
        encoder.KeepChatTemplate(context.Output());

        IReadOnlyDictionary<string, double> Evaluate(IReadOnlyList<EncodedText> held)
        {
            var (loss, accuracy) = SftEvaluation.Measure(model, held, folder.PadId, stage.TokenBudget);
            return new Dictionary<string, double> { ["eval_loss"] = loss, ["eval_mean_token_accuracy"] = accuracy };
        }
    }
}
