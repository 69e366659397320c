using System.Runtime.ExceptionServices;

namespace UmmRm.Recipes;

/// <summary>Runs a recipe's stages in order, some of them side by side: a stage waits for those that it reads, and for a free place.</summary>
internal static class StageSchedule
{
    /// <summary>Runs all stages, or stops at the first that fails: the others are asked to stop, and what failed first is thrown when they have.</summary>
    /// <param name="stages">A stage stands behind those that it reads.</param>
    /// <param name="jobs">How many run at once, each on a thread of its own; with 1 they run on the caller's.</param>
    /// <param name="run">Runs one stage.</param>
    /// <param name="cancellation">Asks all to stop.</param>
    public static void Run(IReadOnlyList<Stage> stages, int jobs, Action<Stage, CancellationToken> run, CancellationToken cancellation)
    {
        if (jobs > 1)
        {
            SideBySide(stages, jobs, run, cancellation);
            return;
        }
        foreach (var stage in stages)
            run(stage, cancellation);
    }

    private static void SideBySide(IReadOnlyList<Stage> stages, int jobs, Action<Stage, CancellationToken> run, CancellationToken cancellation)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var unfinished = stages.Select(stage => stage.Name).ToHashSet();
        var waiting = stages.ToList();
        var running = new Dictionary<Task, Stage>();
        Exception? failure = null;
        while (waiting.Count + running.Count > 0)
        {
            foreach (var stage in waiting.Where(stage => !Recipe.InputsOf(stage).Any(input => input.IsStage && unfinished.Contains(input.Target))).Take(jobs - running.Count).ToList())
            {
                waiting.Remove(stage);
                running.Add(Task.Factory.StartNew(() => run(stage, stopping.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), stage);
            }
            Task[] tasks = [.. running.Keys];
            var ended = tasks[Task.WaitAny(tasks, CancellationToken.None)]; // a stage that was asked to stop is waited for: it saves first
            running.Remove(ended, out var done);
            unfinished.Remove(done!.Name);
            if (ended.Exception?.InnerException is not { } thrown)
                continue;
            failure = failure is null or OperationCanceledException ? thrown : failure;
            waiting.Clear();
            stopping.Cancel();
        }
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }
}
