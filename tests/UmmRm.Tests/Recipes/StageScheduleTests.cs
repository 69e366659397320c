using System.Collections.Concurrent;
using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class StageScheduleTests
{
    /// <summary>words -> base -> (left, right); other stands alone.</summary>
    private static readonly IReadOnlyList<Stage> Stages = RecipeFile.Parse(
        """
        stages:
          words: { kind: tokenizer, data: ./texts.jsonl }
          base: { kind: init, tokenizer: words, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 }
          left: { kind: sft, model: base, data: ./texts.jsonl }
          right: { kind: sft, model: base, data: ./texts.jsonl }
          other: { kind: world }
        """, "r.yaml").Stages;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_OneJob_KeepsTheOrderAndTheThread()
    {
        var done = new List<(string, int)>();
        StageSchedule.Run(Stages, 1, (stage, _) => done.Add((stage.Name, Environment.CurrentManagedThreadId)), Cancel);
        Assert.Equal([.. Stages.Select(stage => (stage.Name, Environment.CurrentManagedThreadId))], done);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Run_SeveralJobs_AStageWaitsForWhatItReads(int jobs)
    {
        var finished = new ConcurrentDictionary<string, bool>();
        StageSchedule.Run(Stages, jobs, (stage, _) =>
        {
            Assert.All(Recipe.InputsOf(stage).Where(input => input.IsStage), input => Assert.True(finished.ContainsKey(input.Target)));
            Thread.Sleep(5);
            finished[stage.Name] = true;
        }, Cancel);
        Assert.Equal(Stages.Count, finished.Count);
    }

    [Fact]
    public void Run_TwoJobs_IndependentStagesRunAtTheSameTime()
    {
        using var both = new Barrier(2);
        StageSchedule.Run([.. Stages.Where(stage => stage.Name is "words" or "other")], 2, (_, _) => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30), Cancel)), Cancel);
    }

    [Fact]
    public void Run_TwoJobs_NeverMoreThanTwoAtOnce()
    {
        int running = 0, most = 0;
        var gate = new Lock();
        var independent = Enumerable.Range(0, 8).Select(i => Stages[^1] with { Name = $"world-{i}" }).ToList();
        StageSchedule.Run(independent, 2, (_, _) =>
        {
            lock (gate)
                most = Math.Max(most, ++running);
            Thread.Sleep(10);
            lock (gate)
                running--;
        }, Cancel);
        Assert.Equal(2, most);
    }

    [Fact]
    public void Run_AStageFails_TheOthersAreStoppedAndWaitedFor()
    {
        using var started = new ManualResetEventSlim();
        var (stopped, begun) = (false, new ConcurrentBag<string>());
        var error = Assert.Throws<InvalidDataException>(() => StageSchedule.Run(Stages, 2, (stage, cancellation) =>
        {
            begun.Add(stage.Name);
            if (stage.Name == "words")
            {
                started.Wait(Cancel);
                throw new InvalidDataException("words is wrong");
            }
            started.Set();
            stopped = cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            cancellation.ThrowIfCancellationRequested();
        }, Cancel));
        Assert.Equal("words is wrong", error.Message);
        Assert.True(stopped);
        Assert.Equal(["other", "words"], begun.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Run_Cancelled_StopsAll()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Assert.ThrowsAny<OperationCanceledException>(() => StageSchedule.Run(Stages, 2, (_, cancellation) =>
        {
            stopping.Cancel();
            cancellation.ThrowIfCancellationRequested();
        }, stopping.Token));
    }
}
