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
        var dropped = Upcycling.Write(dense, stage.Moe.ToMoeConfig(), context.Output(), context.Seed, pad, context.WriteOptions("upcycling"));
        if (dropped != 0)
            context.Note(FormattableString.Invariant($"the model's head adds {dropped:G6} to every score; a mixture's head has no place for it, and it is left out: differences between scores are the same"));
    }
}
