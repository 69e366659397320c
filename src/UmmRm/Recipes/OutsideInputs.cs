using UmmRm.Data;
using UmmRm.Hub;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>
/// Models and rows that come from outside: what lies here under a name is taken as it is; hub ids and names of known data sets are fetched,
/// each once.
/// </summary>
/// <param name="settings">Which hub; null for what the environment names, asked for when something is fetched.</param>
/// <param name="progress">Told how far a download has come.</param>
/// <param name="note">Told what a person should know, such as that nobody answered and the cache did.</param>
public sealed class OutsideInputs(HubSettings? settings = null, IProgress<ProgressReport>? progress = null, Action<string>? note = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Target, bool Tokenizer), string> _models = [];
    private readonly Dictionary<string, DataSource> _rows = [];
    private readonly SortedDictionary<string, string> _identities = new(StringComparer.Ordinal);
    private HubClient? _hub;

    /// <summary>What was fetched: by what it was called, its name with the commit.</summary>
    public IReadOnlyDictionary<string, string> Identities => _identities;

    /// <summary>Whether a model's name is a hub id and nothing here has that name.</summary>
    public static bool IsFetchedModel(string name) => !Path.Exists(name) && HubRepository.Parse(HubKind.Model, name) is not null;

    /// <summary>The folder of a model; a name that is no hub id comes back as it is.</summary>
    /// <param name="name">A path, or <c>org/name[@revision]</c>.</param>
    /// <param name="tokenizerOnly">Fetch no more than the tokenizer's files.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HubException">It is on no hub, or may not be read.</exception>
    public string Model(string name, bool tokenizerOnly = false, CancellationToken cancellation = default)
    {
        if (!IsFetchedModel(name))
            return name;
        lock (_gate)
        {
            if (_models.TryGetValue((name, tokenizerOnly), out var known) || _models.TryGetValue((name, false), out known))
                return known;
            var repository = HubRepository.Parse(HubKind.Model, name)!;
            var snapshot = Noted(name, tokenizerOnly ? Hub.FetchTokenizer(repository, cancellation) : Hub.FetchModel(repository, cancellation));
            return _models[(name, tokenizerOnly)] = snapshot.Folder;
        }
    }

    /// <summary>A source that finds its files; one that lies here comes back as it is. Errors: as <see cref="HubData.Fetch"/>.</summary>
    public DataSource Rows(DataSource source, CancellationToken cancellation = default)
    {
        if (!HubData.IsFetched(source))
            return source;
        lock (_gate)
        {
            if (_rows.TryGetValue(source.ToString(), out var known))
                return known;
            var (found, snapshot) = HubData.Fetch(source, Hub, cancellation);
            Noted(source.Path, snapshot);
            return _rows[source.ToString()] = found;
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _hub?.Dispose();

    private HubClient Hub => _hub ??= new HubClient(settings ?? HubSettings.FromEnvironment(), progress is null ? null : new Downloads(progress));

    private HubSnapshot Noted(string name, HubSnapshot snapshot)
    {
        _identities[name] = snapshot.Identity;
        if (snapshot.FromCache is { } why)
            note?.Invoke($"{name}: from the cache, commit {snapshot.Commit[..8]}: {why}");
        return snapshot;
    }

    private sealed class Downloads(IProgress<ProgressReport> inner) : IProgress<HubProgress>
    {
        private const int Megabyte = 1_000_000;

        /// <summary>In megabytes where there are many; the last one counts when all is here.</summary>
        public void Report(HubProgress value) => inner.Report(value.Total < 10 * Megabyte
            ? new ProgressReport($"fetching {value.File}", value.Done, value.Total, "bytes")
            : new ProgressReport($"fetching {value.File}", value.Done == value.Total ? Total(value) : value.Done / Megabyte, Total(value), "MB"));

        private static long Total(HubProgress value) => (value.Total + Megabyte - 1) / Megabyte;
    }
}
