namespace UmmRm.Recipes;

/// <summary>The executors of every kind of stage.</summary>
public static class StandardExecutors
{
    /// <summary>A new set of them.</summary>
    public static StageExecutors Create() => new StageExecutors()
        .Add(new WorldExecutor())
        .Add(new TokenizerExecutor())
        .Add(new InitExecutor())
        .Add(new SftExecutor())
        .Add(new PairsExecutor())
        .Add(new LabelExecutor())
        .Add(new RewardExecutor())
        .Add(new UpcycleExecutor())
        .Add(new AverageExecutor())
        .Add(new MergeExecutor())
        .Add(new EnsembleExecutor())
        .Add(new PpoExecutor())
        .Add(new EvalExecutor())
        .Add(new VerdictExecutor())
        .Add(new TransferExecutor())
        .Add(new BonExecutor())
        .Add(new SensitivityExecutor());
}
