using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Makes a mixture of a dense model, streaming tensor by tensor.</summary>
public sealed class UpcycleExecutor : IStageExecutor<UpcycleStage>
{
    /// <inheritdoc/>
    public void Execute(UpcycleStage stage, StageContext context)
    {
        var dense = context.PathOf(stage.Model);
        var pad = stage.PadToken is null ? null : SpecialTokens.Named(stage.PadToken, Tokenization.Tokenizer.Load(dense));
        Upcycling.Write(dense, stage.Moe.ToMoeConfig(), context.Output(), context.Seed, pad, context.WriteOptions("upcycling"));
    }
}
