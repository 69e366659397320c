using UmmRm.Ppo;

namespace UmmRm.Cli.Serving;

/// <summary>From what a request asks to its scores: the model by its name, the ids, a place in the queue, the shaping.</summary>
internal sealed class ScoreService : IDisposable
{
    private readonly ServeSettings _settings;
    private readonly IReadOnlyList<ServedModel> _models;
    private readonly Dictionary<string, RewardShaping> _shaping;
    private readonly BatchQueue _queue;
    private readonly ScoreWorkers _workers;
    private readonly ServerMetrics _metrics;
    private readonly long _started = Environment.TickCount64;

    /// <summary>Starts the workers.</summary>
    /// <param name="settings">Limits and shaping.</param>
    /// <param name="models">At least one; the first is meant where a client names none. Disposed with this.</param>
    /// <param name="metrics">Counts batches and texts.</param>
    /// <exception cref="UsageException">Two models have one name.</exception>
    public ScoreService(ServeSettings settings, IReadOnlyList<ServedModel> models, ServerMetrics metrics)
    {
        if (models.CountBy(model => model.Name).FirstOrDefault(name => name.Value > 1) is { Key: { } twice })
            throw new UsageException($"two models are called {twice}; give each a name of its own: --model a=DIR b=DIR");
        (_settings, _models, _metrics) = (settings, models, metrics);
        _shaping = models.ToDictionary(model => model.Name, settings.Shaping);
        _queue = new BatchQueue(settings.QueueLimit, settings.Deterministic ? 1 : settings.TokenBudget);
        _workers = new ScoreWorkers(_queue, settings.Workers, metrics);
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<ServedModel> Models => _models;

    /// <summary>Texts that wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Scores what a request asks for.</summary>
    /// <param name="ask">The request.</param>
    /// <param name="path">The model that the request's path names, or null.</param>
    /// <param name="id">The request's own name.</param>
    /// <param name="cancellation">The client has left: its texts leave the queue.</param>
    /// <exception cref="RequestException">The request is refused.</exception>
    public async Task<Answer> Score(Ask ask, string? path, string id, CancellationToken cancellation)
    {
        if (ask.Texts.Count > _settings.MaxTexts)
            throw RequestException.Unprocessable($"the request has {ask.Texts.Count} texts; this server takes at most {_settings.MaxTexts} at once: send them in parts");
        var details = ask.Details || _settings.Details;
        var model = Named(path, ask.Model);
        if (details)
            model = model.Detailed;
        ScoreJob[] jobs = [.. ask.Texts.Select((text, i) => new ScoreJob(model, model.Encode(text, i)))];
        if (!_queue.TryAdd(jobs))
            throw Busy(jobs.Length);
        try
        {
            var raw = await Task.WhenAll(jobs.Select(job => job.Scores)).WaitAsync(cancellation);
            return new Answer(id, model.Name, [.. raw.Select(scores => Shaped(model, model.Judge(scores), ask.Sigmoid))], jobs.Sum(job => job.Length), details);
        }
        finally
        {
            _queue.Remove(jobs);
        }
    }

    /// <summary>Answers what still waits, ends the workers, and gives the weights back.</summary>
    public void Dispose()
    {
        _queue.Close();
        _workers.Dispose();
        foreach (var model in _models)
            model.Dispose();
    }

    /// <summary>Where one model is served, clients may call it as they like (LLaMA-Factory always says "model"); where there are several, a wrong name would be a wrong reward.</summary>
    private ServedModel Named(string? path, string? name)
    {
        if (path is null && (name is null || _models.Count == 1))
            return _models[0];
        return _models.FirstOrDefault(model => model.Name == (path ?? name))
            ?? throw new RequestException(404, $"there is no model called {path ?? name}; there are {string.Join(", ", _models.Select(model => model.Name))}. A client whose request cannot name one has the path /models/NAME/...");
    }

    private ServedScore Shaped(ServedModel model, ServedScore score, bool sigmoid)
    {
        var shaped = _shaping[model.Name].Apply(score.Score, 0);
        return score with { Score = sigmoid ? 1 / (1 + Math.Exp(-shaped)) : shaped };
    }

    private RequestException Busy(int texts)
    {
        var waiting = _queue.Count;
        if (texts > _settings.QueueLimit)
            return RequestException.Unprocessable($"the request has {texts} texts and the queue holds {_settings.QueueLimit}: send them in parts");
        var perSecond = Math.Max(1, _metrics.Texts / Math.Max(1, (Environment.TickCount64 - _started) / 1000.0));
        return new RequestException(429, $"{waiting} texts wait and the queue holds {_settings.QueueLimit}: try again later", (int)Math.Clamp(Math.Ceiling(waiting / perSecond), 1, 60));
    }
}
