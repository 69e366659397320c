using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>WARM's parameter average, block by block.</summary>
public sealed class AverageExecutor : IStageExecutor<AverageStage>
{
    /// <inheritdoc/>
    public void Execute(AverageStage stage, StageContext context) =>
        WeightAveraging.Write([.. stage.Models.Select(context.PathOf)], stage.Weights.Count > 0 ? stage.Weights : null, context.Output(), context.WriteOptions("averaging"));
}
