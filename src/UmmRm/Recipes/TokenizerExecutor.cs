using UmmRm.Data;
using UmmRm.Reports;
using UmmRm.Tokenization;

namespace UmmRm.Recipes;

/// <summary>Trains a byte-level BPE tokenizer on every text of its data sets: prompts, responses, both sides of pairs.</summary>
public sealed class TokenizerExecutor : IStageExecutor<TokenizerStage>
{
    /// <inheritdoc/>
    public void Execute(TokenizerStage stage, StageContext context)
    {
        var settings = new BpeTrainerSettings
        {
            VocabularySize = stage.VocabSize,
            SpecialTokens = [.. new[] { stage.PadToken, stage.EosToken, stage.BosToken }.OfType<string>().Concat(stage.SpecialTokens).Distinct()],
            PadToken = stage.PadToken,
            EndToken = stage.EosToken,
            BeginToken = stage.BosToken,
        };
        var texts = stage.Data.SelectMany(data => TextColumns.Read(context.SourceOf(data)));
        BpeTrainer.Train(BpeTrainer.Lines(texts), settings, done => context.Progress?.Report(new ProgressReport(stage.Name, done, stage.VocabSize, "tokens")), context.Cancellation).Write(context.Output());
    }
}
