using System.Net;
using System.Text.Json;

namespace UmmRm.Hub;

/// <summary>One visit to a repository: what files it has, and those that are asked for. Without a hub (offline, or nobody answers) the cache answers.</summary>
internal sealed class HubSession
{
    private const int MostPages = 1000;

    private readonly HubSettings _settings;
    private readonly HubRequests _requests;
    private readonly HubRepository _repository;
    private readonly HubCache _cache;
    private readonly IProgress<HubProgress>? _progress;
    private readonly bool _fromCache;
    private string? _commit;

    private HubSession(HubSettings settings, HubRequests requests, HubRepository repository, IProgress<HubProgress>? progress, IReadOnlyList<string>? names, string? why)
    {
        (_settings, _requests, _repository, _progress, Why) = (settings, requests, repository, progress, why);
        _cache = new HubCache(settings.Cache, repository);
        _fromCache = names is null;
        _commit = _fromCache || repository.IsPinned ? _cache.Commit() : null;
        Names = names ?? (_commit is null ? [] : _cache.Names(_commit));
    }

    /// <summary>The files there are: of the repository, or of its copy in the cache.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Why the cache answers, in words; null when the hub does.</summary>
    public string? Why { get; }

    /// <summary>The commit; known once a file is here.</summary>
    public string Commit => _commit ?? throw new InvalidOperationException("no file was fetched yet");

    /// <summary>The folder of the commit's files.</summary>
    public string Folder => _cache.Snapshot(Commit);

    /// <summary>Asks the hub for its files; offline, or where nobody answers and the repository is in the cache, the cache.</summary>
    /// <exception cref="HubException">The hub refuses, or there is neither a hub nor a copy.</exception>
    public static async Task<HubSession> Open(HubSettings settings, HubRequests requests, HubRepository repository, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        var copy = new HubCache(settings.Cache, repository).Commit();
        if (settings.Offline)
        {
            const string Offline = "HF_HUB_OFFLINE is set";
            return copy is not null ? new HubSession(settings, requests, repository, progress, null, Offline)
                : throw new HubException($"{repository} is not in the cache ({settings.Cache}), and {Offline}: run once without it, or name a folder");
        }
        try
        {
            return new HubSession(settings, requests, repository, progress, await List(settings, requests, repository, cancellation), null);
        }
        catch (HubException e) when (e.IsUnreachable && copy is not null)
        {
            return new HubSession(settings, requests, repository, progress, null, e.Message);
        }
    }

    /// <summary>A file's path on this machine, fetched if it is not there yet.</summary>
    public async Task<string> Get(string name, CancellationToken cancellation)
    {
        if (_commit is not null && _cache.Find(_commit, name) is { } known)
            return known;
        if (_fromCache)
            throw new HubException($"{_repository} has no {name} in the cache ({_settings.Cache}), and {Why}");
        var what = $"{name} of {_repository}";
        var address = new Uri(_settings.Endpoint, _repository.FileAddress(_commit ?? _repository.Revision, name));
        var file = await _requests.Repeated(
            async stop =>
            {
                using var answer = await _requests.Send(HttpMethod.Head, address, 0, anywhere: false, stop);
                Check(answer, what, _settings, _repository);
                return HubFile.Of(answer, address, what);
            },
            cancellation);
        if (_commit is not null && _commit != file.Commit)
            throw new HubException($"{what}: the hub answers with commit {file.Commit}, and {_commit} was asked for");
        _commit = file.Commit;
        if (_cache.Find(_commit, name) is { } here)
            return here;
        using (await HubLock.Take(_cache.LockOf(file.ETag), cancellation))
        {
            var blob = _cache.Blob(file.ETag);
            if (!File.Exists(blob) || (file.Size is { } size && new FileInfo(blob).Length != size))
                await new HubDownload(_requests, file, new Uri(_settings.Endpoint, _repository.FileAddress(_commit, name)), name, blob, _progress).Run(cancellation);
            return _cache.Link(_commit, name, file.ETag);
        }
    }

    /// <summary>All that was wanted is here: the revision stands for this commit from now on.</summary>
    public void Complete()
    {
        if (!_fromCache)
            _cache.Remember(Commit);
    }

    private static async Task<IReadOnlyList<string>> List(HubSettings settings, HubRequests requests, HubRepository repository, CancellationToken cancellation)
    {
        var names = new List<string>();
        Uri? page = new(settings.Endpoint, repository.ListAddress(repository.Revision));
        for (var pages = 0; page is not null; pages++)
        {
            if (pages == MostPages)
                throw new HubException($"{repository}: the hub's list of files has more than {MostPages} pages");
            var asked = page;
            (var more, page) = await requests.Repeated(stop => Page(settings, requests, repository, asked, stop), cancellation);
            names.AddRange(more);
        }
        return names;
    }

    private static async Task<(IReadOnlyList<string> Names, Uri? Next)> Page(HubSettings settings, HubRequests requests, HubRepository repository, Uri page, CancellationToken cancellation)
    {
        using var answer = await requests.Send(HttpMethod.Get, page, 0, anywhere: true, cancellation);
        Check(answer, repository.ToString(), settings, repository);
        var text = await requests.Waiting(answer.Content.ReadAsStringAsync, cancellation);
        try
        {
            using var json = JsonDocument.Parse(text);
            IReadOnlyList<string> names = [.. json.RootElement.EnumerateArray().Where(entry => entry.GetProperty("type").GetString() == "file").Select(entry => entry.GetProperty("path").GetString()!)];
            return (names, Next(answer, page));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HubException($"{repository}: {HubRequests.Shown(page)} answers with something else than a list of files; is it a hub, as HF_ENDPOINT says?", e);
        }
    }

    /// <summary>The address in <c>Link: &lt;...&gt;; rel="next"</c>.</summary>
    private static Uri? Next(HttpResponseMessage answer, Uri page)
    {
        if (!answer.Headers.TryGetValues("Link", out var links))
            return null;
        var next = links.SelectMany(link => link.Split(',')).FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal) && link.Contains('<') && link.Contains('>'));
        return next is null ? null : new Uri(page, next[(next.IndexOf('<', StringComparison.Ordinal) + 1)..next.IndexOf('>', StringComparison.Ordinal)]);
    }

    private static void Check(HttpResponseMessage answer, string what, HubSettings settings, HubRepository repository)
    {
        if (PassingFailureException.Of(answer, what) is { } busy)
            throw busy;
        var kind = repository.Kind == HubKind.Model ? "model" : "data set";
        var code = answer.Headers.NonValidated.TryGetValues("X-Error-Code", out var error) ? error.ToString() : "";
        switch (answer.StatusCode)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new HubException($"{what}: the hub answers {(int)answer.StatusCode}: " + (settings.Token is null
                    ? $"there is no such {kind}, or it is private or gated; check the name, and if it is gated accept its terms on its page and set HF_TOKEN"
                    : $"there is no such {kind}, or the token (from HF_TOKEN or HF_TOKEN_PATH) may not read it or is no longer valid; if the {kind} is gated, accept its terms on its page"));
            case HttpStatusCode.NotFound when code == "RevisionNotFound":
                throw new HubException($"{repository.Name} has no revision '{repository.Revision}' on {settings.Endpoint}");
            case HttpStatusCode.NotFound:
                throw new HubException($"{what}: the hub {settings.Endpoint} has no such {(code == "EntryNotFound" ? "file" : $"{kind}, or no revision '{repository.Revision}' of it")} (404), and there is no such folder here");
            case >= HttpStatusCode.BadRequest:
                throw new HubException($"{what}: the hub answers {(int)answer.StatusCode}");
        }
    }
}
