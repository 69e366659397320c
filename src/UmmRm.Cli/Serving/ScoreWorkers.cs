using UmmRm.Runtime;

namespace UmmRm.Cli.Serving;

/// <summary>Threads that score batch after batch with the same weights, each with one thread of libtorch, so that scores do not depend on how many there are.</summary>
internal sealed class ScoreWorkers : IDisposable
{
    private readonly BatchQueue _queue;
    private readonly ServerMetrics _metrics;
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    public ScoreWorkers(BatchQueue queue, int count, ServerMetrics metrics)
    {
        (_queue, _metrics) = (queue, metrics);
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Work) { IsBackground = true, Name = $"score {i}" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Waits until the queue, which must be closed, is empty and all is answered.</summary>
    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Join();
    }

    private void Work()
    {
        LibTorch.UseThreads(1);
        while (_queue.Take() is { } batch)
        {
            _metrics.Batch(batch.Count, batch.Sum(job => job.Length));
            Score(batch);
        }
    }

    /// <summary>A text that cannot be scored must not take others down with it: when a batch fails, each of its texts is tried alone.</summary>
    private static void Score(IReadOnlyList<ScoreJob> batch)
    {
        try
        {
            var models = batch[0].Model.Models;
            var scores = models.Select((model, i) => model.Score([.. batch.Select(job => job.Ids[i])])).ToArray(); // [model][text]
            for (var row = 0; row < batch.Count; row++)
                batch[row].Done(Array.ConvertAll(scores, own => own[row]));
        }
        catch (Exception e) when (batch.Count == 1)
        {
            batch[0].Failed(e is InvalidDataException ? RequestException.Unprocessable(e.Message) : e);
        }
        catch (Exception)
        {
            foreach (var job in batch)
                Score([job]);
        }
    }
}
