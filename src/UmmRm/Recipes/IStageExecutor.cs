namespace UmmRm.Recipes;

/// <summary>Does the work of one kind of stage.</summary>
public interface IStageExecutor
{
    /// <summary>Raised when the same settings and inputs give another result than before: finished stages of this kind are then done again.</summary>
    int Revision => 0;

    /// <summary>
    /// Whether a stopped stage goes on from what it left in <see cref="StageContext.WorkFolder"/>. If so that folder survives a stop and
    /// <see cref="StageContext.Resuming"/> says that it was found; if not the stage always begins anew.
    /// </summary>
    bool Resumes => false;

    /// <summary>Writes the stage's products into the context's folder. Returning means done; a stop throws <see cref="OperationCanceledException"/>.</summary>
    void Execute(Stage stage, StageContext context);
}

/// <summary>Does the work of one kind of stage.</summary>
/// <typeparam name="TStage">The kind's record.</typeparam>
public interface IStageExecutor<in TStage> : IStageExecutor where TStage : Stage
{
    /// <summary>Writes the stage's products into the context's folder. Returning means done; a stop throws <see cref="OperationCanceledException"/>.</summary>
    void Execute(TStage stage, StageContext context);

    void IStageExecutor.Execute(Stage stage, StageContext context) => Execute((TStage)stage, context);
}

/// <summary>Who does which kind of stage.</summary>
public sealed class StageExecutors
{
    private readonly Dictionary<Type, IStageExecutor> _executors = [];

    /// <summary>Registers the executor of a kind; a later one takes its place.</summary>
    /// <returns>This, to add more.</returns>
    public StageExecutors Add<TStage>(IStageExecutor<TStage> executor) where TStage : Stage
    {
        _executors[typeof(TStage)] = executor;
        return this;
    }

    /// <summary>The executor of a stage.</summary>
    /// <exception cref="ArgumentException">There is none for its kind.</exception>
    public IStageExecutor For(Stage stage) => _executors.TryGetValue(stage.GetType(), out var executor)
        ? executor
        : throw new ArgumentException($"stages.{stage.Name} is of kind {StageKind.Of(stage).Name}, which cannot be run here");
}
