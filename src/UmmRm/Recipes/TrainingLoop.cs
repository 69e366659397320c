using UmmRm.Reports;
using UmmRm.Training;

namespace UmmRm.Recipes;

/// <summary>What surrounds an optimiser's steps in a stage: the metric log, progress, evaluation of held-out rows, snapshots, and stopping.</summary>
internal sealed class TrainingLoop(TrainingStage stage, StageContext context)
{
    /// <summary>Where the running training's snapshot lies.</summary>
    private string SnapshotFolder => Path.Combine(context.WorkFolder, "snapshot");

    /// <summary>Runs a training to its end, or to a stop.</summary>
    /// <param name="steps">The trainer's steps, asked for after a snapshot was restored.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    /// <param name="save">Writes a snapshot into a folder.</param>
    /// <param name="restore">Goes back to a snapshot; returns its step.</param>
    /// <param name="evaluate">Metrics on the held-out rows, or null when there are none.</param>
    /// <exception cref="OperationCanceledException">It was stopped; a snapshot says where.</exception>
    public void Run(Func<IEnumerable<TrainingStep>> steps, long totalSteps, Action<string> save, Func<string, long> restore, Func<IReadOnlyDictionary<string, double>>? evaluate)
    {
        var resumed = context.Resuming && TrainingSnapshot.Exists(SnapshotFolder) ? restore(SnapshotFolder) : -1;
        if (resumed >= 0)
            context.Note($"goes on after step {resumed} of {totalSteps}");
        context.Metrics.Rewind(resumed);
        var perEpoch = Math.Max(1, totalSteps / stage.Epochs);
        foreach (var step in steps())
        {
            context.Metrics.Write(step.Step, step.Metrics);
            context.Progress?.Report(new ProgressReport(stage.Name, step.Step, totalSteps, "steps", $"loss {step.Loss:.000}"));
            var last = step.Step == totalSteps;
            if (evaluate is not null && (last || step.Step % (stage.EvalEvery ?? perEpoch) == 0))
                context.Metrics.Write(step.Step, evaluate());
            if (context.Cancellation.IsCancellationRequested && !last)
            {
                save(SnapshotFolder);
                context.Cancellation.ThrowIfCancellationRequested();
            }
            if (!last && step.Step % (stage.SaveEvery ?? perEpoch) == 0)
                save(SnapshotFolder);
        }
    }
}
