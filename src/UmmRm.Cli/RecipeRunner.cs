using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Runtime;

namespace UmmRm.Cli;

/// <summary>Runs a recipe for a verb: says what happens on stderr as it happens, and stops when it is asked to.</summary>
internal static class RecipeRunner
{
    /// <summary>Runs a recipe in a folder.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="invocation">Terminal, threads, and the wish to stop.</param>
    /// <param name="ignoreMemory">Run even if the estimate exceeds what there is.</param>
    /// <param name="jobs">How many stages run side by side; --threads, else the machine's cores, are shared by them.</param>
    /// <param name="narrate">Called before each stage that is done, to explain it; null says only its name.</param>
    public static RunRecord Run(Recipe recipe, string folder, Invocation invocation, bool ignoreMemory = false, int jobs = 1, Action<Stage>? narrate = null)
    {
        var stages = recipe.Stages.ToDictionary(stage => stage.Name);
        var options = Options(invocation, "", ignoreMemory) with { Jobs = jobs };
        if (narrate is not null)
            options = options with { Events = (happened => { if (happened is StageStarting) narrate(stages[happened.Stage]); }) + options.Events };
        using var route = MatmulRoutes.Use(Route(recipe));
        return new Pipeline(StandardExecutors.Create()).Run(recipe, folder, options, invocation.Stopping);
    }

    /// <summary>Runs a sweep.</summary>
    /// <param name="sweep">What to do.</param>
    /// <param name="invocation">Terminal, threads, and the wish to stop.</param>
    /// <param name="jobs">How much runs at once.</param>
    /// <param name="ignoreMemory">Run even if the estimate exceeds what there is.</param>
    public static SweepResult Run(Sweep sweep, Invocation invocation, int jobs, bool ignoreMemory = false)
    {
        using var route = MatmulRoutes.Use(Route(sweep.Runs[0].Recipe));
        sweep.Run(new Pipeline(StandardExecutors.Create()), jobs, run => Options(invocation, $"{run.Name}: ", ignoreMemory), invocation.Stopping);
        var result = SweepResult.Of(sweep);
        result.Write(sweep.Folder);
        return result;
    }

    /// <summary>Says what happens on stderr.</summary>
    /// <param name="invocation">Terminal and threads.</param>
    /// <param name="label">What stands before each line.</param>
    /// <param name="ignoreMemory">Run even if the estimate exceeds what there is.</param>
    private static RunOptions Options(Invocation invocation, string label, bool ignoreMemory) => new()
    {
        IgnoreMemory = ignoreMemory,
        Threads = invocation.Threads,
        Progress = label.Length == 0 ? invocation.Terminal.Progress : new Labelled(label, invocation.Terminal.Progress),
        Events = happened =>
        {
            if (Line(happened) is { } line)
                invocation.Terminal.Note(label + line);
        },
    };

    /// <summary>The fastest exact way to multiply. The switch is the process's, so it is thrown here and not in the library.</summary>
    private static MatmulRoute Route(Recipe recipe) => ProductRoute.Of(recipe, () => MatmulSpeeds.Of(MatmulSpeeds.DefaultFile));

    /// <summary>The results of a run's eval stages, by stage.</summary>
    public static IReadOnlyList<(string Stage, IReadOnlyList<AccuracyResult> Results)> Results(Recipe recipe, string folder) =>
        [.. recipe.Stages.OfType<EvalStage>().Select(stage => (stage.Name, AccuracyResult.ReadAll(Path.Combine(folder, stage.Name, "results.json"))))];

    /// <summary>Results as one JSON array of objects.</summary>
    public static JsonArray Json(IEnumerable<(string Stage, IReadOnlyList<AccuracyResult> Results)> tables) =>
        [.. tables.SelectMany(table => table.Results.Select(result =>
        {
            var json = result.ToJson();
            json["stage"] = table.Stage;
            return (JsonNode)json;
        }))];

    /// <summary>Progress of one of several runs.</summary>
    private sealed class Labelled(string label, IProgress<ProgressReport> inner) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => inner.Report(value with { Stage = label + value.Stage });
    }

    private static string? Line(RunEvent happened) => happened switch
    {
        MemoryEstimated { Estimate: var estimate } => estimate.Peak is { } peak
            ? FormattableString.Invariant($"memory: about {peak / 1e9:0.0} GB at most (largest stage: {estimate.Largest.Stage}), of {ComputeDevice.Memory / 1e9:0.0} GB here")
            : $"memory: not known in advance for every stage; at least {estimate.Largest.Bytes / 1e9:0.0} GB",
        StageStarting e => $"[{e.Number}/{e.Count}] {e.Stage}" + (e.Reason == "not done yet" ? "" : $" ({e.Reason})"),
        StageSkipped e => $"[{e.Number}/{e.Count}] {e.Stage}: done before, nothing it depends on has changed",
        StageCopied e => $"[{e.Number}/{e.Count}] {e.Stage}: copied from {e.From}, which did the same",
        StageFinished e => FormattableString.Invariant($"      {e.Stage}: {e.Elapsed.TotalSeconds:0.0} s"),
        StageNote e => $"      {e.Line}",
        _ => null,
    };
}
