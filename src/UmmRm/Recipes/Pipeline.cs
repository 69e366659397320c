using UmmRm.Data;
using UmmRm.Hub;
using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>Runs recipes. A finished stage is skipped when nothing its result follows from has changed; a stopped run goes on when it is run again.</summary>
/// <param name="executors">Who does which kind of stage.</param>
public sealed class Pipeline(StageExecutors executors)
{
    /// <summary>Runs a recipe in a folder: recipe.resolved.yaml, run.json and a folder for each stage.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="runFolder">Where; made if it is missing.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops after the running step; what can be gone on with is kept.</param>
    /// <returns>What run.json says at the end.</returns>
    /// <exception cref="FileNotFoundException">An input is missing; found before anything is done.</exception>
    /// <exception cref="HubException">An input cannot be had from the hub; found before anything is done.</exception>
    /// <exception cref="ArgumentException">A kind has no executor, or the memory estimate exceeds the limit.</exception>
    /// <exception cref="IOException">Another process works in the folder.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RunRecord Run(Recipe recipe, string runFolder, RunOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new RunOptions();
        runFolder = Path.GetFullPath(runFolder);
        foreach (var stage in recipe.Stages)
        {
            executors.For(stage);
        }
        RequireInputs(recipe);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Jobs, 1);
        using var outside = new OutsideInputs(options.Hub, options.Progress, line => options.Events?.Invoke(new StageNote("", line)));
        foreach (var stage in recipe.Stages)
            Fetch(stage, outside, cancellation);
        var estimate = MemoryEstimate.Of(recipe, options.Jobs, outside);
        options.Events?.Invoke(new MemoryEstimated(estimate));
        if (!options.IgnoreMemory)
            estimate.CheckAgainst(options.MemoryLimit ?? ComputeDevice.Memory);
        using var owned = RunLock.Take(runFolder);
        RunJson.WriteText(Path.Combine(runFolder, "recipe.resolved.yaml"), recipe.ToYaml());
        using var running = new RunningPipeline(executors, recipe, runFolder, options, estimate, outside, cancellation);
        return running.Run();
    }

    /// <summary>What a stage reads from outside that neither lies here nor can be fetched.</summary>
    internal static IEnumerable<InputReference> Missing(Stage stage)
    {
        var rows = StageSettings.Rows(stage).ToHashSet();
        return Recipe.InputsOf(stage).Where(input => !input.IsStage && !input.IsRemote && !Path.Exists(input.Target) && !(rows.Contains(input) ? HubData.IsFetched(StageContext.OutsideSource(input)) : OutsideInputs.IsFetchedModel(input.Target)));
    }

    /// <summary>Checks that everything a recipe reads from outside is there or can be fetched.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="apartFrom">Paths that stand for something else, such as a dash for stdin; null: none.</param>
    /// <exception cref="FileNotFoundException">An input is missing.</exception>
    public static void RequireInputs(Recipe recipe, Func<string, bool>? apartFrom = null)
    {
        foreach (var stage in recipe.Stages)
        {
            if (Missing(stage).FirstOrDefault(input => apartFrom?.Invoke(input.Target) != true) is { } input)
            {
                throw new FileNotFoundException(
                    $"stages.{stage.Name} reads {input.Target}, and there is no such file or folder (relative paths are taken from the current directory, {Directory.GetCurrentDirectory()})",
                    input.Target);
            }
        }
    }

    /// <summary>Everything that a stage reads from the hub, so that a long run does not fail for it in the middle.</summary>
    private static void Fetch(Stage stage, OutsideInputs outside, CancellationToken cancellation)
    {
        var rows = StageSettings.Rows(stage).ToHashSet();
        foreach (var input in Recipe.InputsOf(stage).Where(input => !input.IsStage && !input.IsRemote))
        {
            if (rows.Contains(input))
                outside.Rows(StageContext.OutsideSource(input), cancellation);
            else
                outside.Model(input.Target, tokenizerOnly: stage is InitStage init && init.Tokenizer == input, cancellation);
        }
    }
}
