namespace UmmRm.Cli.Serving;

/// <summary>
/// Texts that wait, in the order of their arrival, and the batches made of them: the one that has waited longest, with those of like length that fit into the token
/// budget beside it. Nobody waits for a batch to fill up: what came while others were computed goes together.
/// </summary>
/// <param name="limit">Most texts that wait.</param>
/// <param name="tokenBudget">Most tokens of a batch, padding included.</param>
internal sealed class BatchQueue(int limit, int tokenBudget)
{
    private readonly object _gate = new(); // a Lock has no Wait
    private readonly LinkedList<ScoreJob> _waiting = [];
    private readonly Dictionary<ScoreJob, LinkedListNode<ScoreJob>> _places = [];
    private bool _closed;

    /// <summary>Texts that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Lets texts of one request wait, all of them or, when they are too many, none.</summary>
    public bool TryAdd(IReadOnlyList<ScoreJob> jobs)
    {
        lock (_gate)
        {
            if (_closed || _waiting.Count + jobs.Count > limit)
                return false;
            foreach (var job in jobs)
                _places.Add(job, _waiting.AddLast(job));
            if (jobs.Count == 1)
                Monitor.Pulse(_gate);
            else
                Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Takes texts that nobody waits for any more out of the queue; those that are being computed are left alone.</summary>
    public void Remove(IEnumerable<ScoreJob> jobs)
    {
        lock (_gate)
        {
            foreach (var job in jobs)
                Leave(job);
        }
    }

    /// <summary>The next batch, of one model; waits for one. null when the queue is closed and empty.</summary>
    public IReadOnlyList<ScoreJob>? Take()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_closed)
                    return null;
                Monitor.Wait(_gate);
            }
            var batch = Batch(_waiting.First!.Value);
            foreach (var job in batch)
                Leave(job);
            return batch;
        }
    }

    /// <summary>Takes no more texts; those that wait are still handed out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private List<ScoreJob> Batch(ScoreJob first)
    {
        List<ScoreJob> batch = [first];
        var width = first.Length;
        foreach (var job in _waiting.Skip(1).Where(job => job.Model == first.Model).OrderBy(job => Math.Abs(job.Length - first.Length)))
        {
            width = Math.Max(width, job.Length);
            if ((long)(batch.Count + 1) * width > tokenBudget)
                break;
            batch.Add(job);
        }
        return batch;
    }

    private void Leave(ScoreJob job)
    {
        if (_places.Remove(job, out var place))
            _waiting.Remove(place);
    }
}
