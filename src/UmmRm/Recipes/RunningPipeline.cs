using System.Diagnostics;
using UmmRm.Reports;
using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>One run of a recipe, from its first stage to its last. Stages may run side by side; what they share is changed behind one gate.</summary>
internal sealed class RunningPipeline : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StageExecutors _executors;
    private readonly Recipe _recipe;
    private readonly string _folder;
    private readonly RunOptions _options;
    private readonly OutsideInputs _outside;
    private readonly CancellationToken _cancellation;
    private readonly ContentHashes _hashes;
    private readonly OrderedDictionary<string, StageStatus> _stages = [];
    private readonly Dictionary<string, string> _fingerprints = [];
    private readonly Lazy<MetricLog> _metrics;
    private readonly MemoryWatch _memory = new();
    private RunRecord _record;

    public RunningPipeline(StageExecutors executors, Recipe recipe, string folder, RunOptions options, MemoryEstimate estimate, OutsideInputs outside, CancellationToken cancellation)
    {
        (_executors, _recipe, _folder, _options, _outside, _cancellation) = (executors, recipe, folder, options, outside, cancellation);
        _hashes = new ContentHashes(folder);
        _metrics = new Lazy<MetricLog>(() => MetricLog.Open(folder));
        foreach (var stage in recipe.Stages)
            _stages[stage.Name] = new StageStatus { Kind = StageKind.Of(stage).Name, Seed = stage.SeedIn(recipe.Seed) };
        _record = new RunRecord { Recipe = recipe.Name, Seed = recipe.Seed, Stages = _stages, EstimatedMemory = estimate.Peak };
    }

    public RunRecord Run()
    {
        try
        {
            Save(RunStatus.Running);
            StageSchedule.Run(_recipe.Stages, _options.Jobs, Run, _cancellation);
            return Save(RunStatus.Done);
        }
        catch (OperationCanceledException)
        {
            WhereThereIsRoom(() => Save(RunStatus.Stopped));
            throw;
        }
        catch (Exception e)
        {
            WhereThereIsRoom(() => Save(RunStatus.Failed, e.Message));
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        if (_metrics.IsValueCreated)
            _metrics.Value.Dispose();
    }

    /// <summary>Bookkeeping after an error: if the disk is full it fails too, and must not hide the error.</summary>
    private static void WhereThereIsRoom(Action bookkeeping)
    {
        try
        {
            bookkeeping();
        }
        catch (IOException)
        {
        }
    }

    private void Run(Stage stage, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_options.Threads is not null || _options.Jobs > 1)
            LibTorch.UseThreads(Math.Max(1, (_options.Threads ?? Environment.ProcessorCount) / _options.Jobs));
        var executor = _executors.For(stage);
        var identity = Identify(stage, executor, cancellation);
        var folder = new StageFolder(_folder, stage.Name);
        var finished = folder.Finished();
        if (finished?.Fingerprint == identity.Fingerprint)
        {
            folder.Discard();
            Save(stage, RunStatus.Skipped, identity, finished.Effort);
            Tell(new StageSkipped(stage.Name, Number(stage), _stages.Count));
            return;
        }
        if (Copied(folder, identity) is { } copied)
        {
            Save(stage, RunStatus.Skipped, identity, copied.Effort);
            Tell(new StageCopied(stage.Name, Number(stage), _stages.Count, copied.From));
            return;
        }
        var earlier = folder.Begin(identity, executor.Resumes);
        var reason = earlier is not null ? "goes on where it was stopped" : finished is not null ? identity.ChangesFrom(finished.Facts) : Directory.Exists(folder.Path) ? "files of it are gone" : "not done yet";
        Tell(new StageStarting(stage.Name, Number(stage), _stages.Count, reason));
        Execute(stage, executor, folder, identity, earlier, cancellation);
    }

    /// <summary>Takes the result of another run that did the same.</summary>
    private (string From, StageEffort Effort)? Copied(StageFolder folder, StageIdentity identity)
    {
        foreach (var from in _options.CopyFrom)
        {
            if (folder.CopyOf(from, identity) is { } effort)
                return (from, effort);
        }
        return null;
    }

    private StageIdentity Identify(Stage stage, IStageExecutor executor, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var identity = StageIdentity.Of(stage, _stages[stage.Name].Seed, $"{RunRecord.ProductVersion}/{executor.Revision}",
                input => input.IsStage ? _fingerprints[input.Target] : Path.Exists(input.Target) ? _hashes.Of(input.Target, cancellation) : _outside.Identities.GetValueOrDefault(input.Target, input.Target));
            _fingerprints[stage.Name] = identity.Fingerprint;
            return identity;
        }
    }

    private void Execute(Stage stage, IStageExecutor executor, StageFolder folder, StageIdentity identity, double? earlier, CancellationToken cancellation)
    {
        Save(stage, RunStatus.Running, identity, earlier is { } before ? new(before, null, []) : null);
        var (clock, warnings) = (Stopwatch.StartNew(), new List<string>());
        _memory.Begin(stage.Name);
        double Seconds() => (earlier ?? 0) + clock.Elapsed.TotalSeconds;
        StageEffort effort;
        try
        {
            executor.Execute(stage, new StageContext(_recipe, stage, _folder, folder, name => new StageFolder(_folder, name).Path, _metrics, line => Tell(new StageNote(stage.Name, line)), warnings.Add)
            {
                Resuming = earlier is not null,
                Cancellation = cancellation,
                Progress = _options.Progress,
                Outside = _outside,
            });
            folder.Complete(identity, effort = new(Seconds(), _memory.End(stage.Name), warnings));
        }
        catch (Exception e)
        {
            WhereThereIsRoom(executor.Resumes ? () => folder.Keep(identity, Seconds()) : folder.Discard);
            WhereThereIsRoom(() => Save(stage, e is OperationCanceledException ? RunStatus.Stopped : RunStatus.Failed, identity, new(Seconds(), null, warnings)));
            throw;
        }
        Save(stage, RunStatus.Done, identity, effort);
        Tell(new StageFinished(stage.Name, clock.Elapsed));
    }

    private int Number(Stage stage) => _recipe.Stages.Index().First(entry => entry.Item.Name == stage.Name).Index + 1;

    private void Tell(RunEvent happened)
    {
        lock (_gate)
            _options.Events?.Invoke(happened);
    }

    private void Save(Stage stage, RunStatus status, StageIdentity identity, StageEffort? effort)
    {
        lock (_gate)
        {
            _stages[stage.Name] = _stages[stage.Name] with { Status = status, Fingerprint = identity.Fingerprint, Seconds = effort?.Seconds, PeakMemory = effort?.PeakMemory, Warnings = effort?.Warnings ?? [] };
            Save(RunStatus.Running);
        }
    }

    private RunRecord Save(RunStatus status, string? error = null)
    {
        lock (_gate)
        {
            _record = _record with
            {
                Status = status,
                Error = error,
                Finished = status == RunStatus.Running ? null : DateTimeOffset.UtcNow,
                Inputs = new SortedDictionary<string, string>(_hashes.Used.Concat(_outside.Identities).ToDictionary(), StringComparer.Ordinal),
                Stages = new OrderedDictionary<string, StageStatus>(_stages),
            };
            RunJson.Write(Path.Combine(_folder, RunRecord.FileName), _record);
            return _record;
        }
    }
}
