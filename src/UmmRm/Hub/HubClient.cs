namespace UmmRm.Hub;

/// <summary>
/// Fetches models and data sets from a Hugging Face hub into the cache that the reference client uses too: only the files that are needed, each
/// once, going on where an earlier attempt stopped, with sizes and SHA-256 checked. What one client fetches of a repository is all of one commit.
/// </summary>
/// <param name="settings">Which hub, which cache, which token.</param>
/// <param name="progress">Told how far each file has come.</param>
public sealed class HubClient(HubSettings settings, IProgress<HubProgress>? progress = null) : IDisposable
{
    private readonly HubRequests _requests = new(settings);
    private readonly Lock _gate = new();
    private readonly Dictionary<HubRepository, HubSession> _visits = [];

    /// <summary>Which hub, which cache.</summary>
    public HubSettings Settings => settings;

    /// <summary>Fetches a model: config.json, tokenizer, templates and safetensors, whole or in shards.</summary>
    /// <exception cref="HubException">There is no such model, it may not be read, or it cannot be loaded here; nothing large was fetched then.</exception>
    public HubSnapshot FetchModel(HubRepository repository, CancellationToken cancellation = default) => Fetch(repository, session => ModelFiles.OfModel(session, repository), ModelFiles.Shards, cancellation);

    /// <summary>Fetches a tokenizer's files alone. Errors: as <see cref="FetchModel"/>.</summary>
    public HubSnapshot FetchTokenizer(HubRepository repository, CancellationToken cancellation = default) => Fetch(repository, session => ModelFiles.OfTokenizer(session, repository), _ => [], cancellation);

    /// <summary>Fetches some files.</summary>
    /// <param name="repository">Of this repository.</param>
    /// <param name="choose">Given the names of all files, names those that are wanted, at least one.</param>
    /// <param name="cancellation">Stops; what was fetched is kept.</param>
    /// <exception cref="HubException">There is no such repository or file, or it may not be read.</exception>
    public HubSnapshot Fetch(HubRepository repository, Func<IReadOnlyList<string>, IReadOnlyList<string>> choose, CancellationToken cancellation = default) =>
        Fetch(repository, session => choose(session.Names), _ => [], cancellation);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _requests.Dispose();

    private HubSnapshot Fetch(HubRepository repository, Func<HubSession, IReadOnlyList<string>> choose, Func<string, IReadOnlyList<string>> following, CancellationToken cancellation) =>
        Alone(
            async () =>
            {
                if (!_visits.TryGetValue(repository, out var session))
                    _visits[repository] = session = await HubSession.Open(settings, _requests, repository, progress, cancellation);
                var paths = new List<string>();
                foreach (var name in choose(session))
                {
                    paths.Add(await session.Get(name, cancellation));
                    foreach (var next in following(paths[^1]))
                        paths.Add(await session.Get(next, cancellation));
                }
                session.Complete();
                return new HubSnapshot(repository, session.Commit, session.Folder, paths) { FromCache = settings.Offline ? null : session.Why };
            });

    private HubSnapshot Alone(Func<Task<HubSnapshot>> work)
    {
        lock (_gate)
            return Task.Run(work).GetAwaiter().GetResult();
    }
}
