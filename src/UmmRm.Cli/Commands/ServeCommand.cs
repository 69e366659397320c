using System.CommandLine;
using UmmRm.Cli.Serving;
using UmmRm.Ppo;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm serve</c></summary>
internal sealed class ServeCommand : Verb
{
    private const string TokenVariable = "UMMRM_TOKEN";

    private readonly Option<string[]> _model = OptionOf.Many("--model", "[NAME=]DIR ...", "reward models' folders or ensemble.json files, each under a name (default: the folder's); the first is meant where a client names none");
    private readonly RewardOptions _reward = new();
    private readonly Option<string> _host = OptionOf.Text("--host", "ADDRESS", "where to listen; the default is this machine alone, 0.0.0.0 every network", "127.0.0.1");
    private readonly Option<int?> _port = OptionOf.Integer("--port", "N", "the port; 0 takes a free one (default: 8008)", 0, 65535);
    private readonly Option<string> _tokenFile = OptionOf.Text("--token-file", "FILE", $"a file with the bearer token that clients must send (default: ${TokenVariable}, else none)");
    private readonly Option<string[]> _rewardPath = OptionOf.Many("--reward-path", "PATH ...", "paths that speak OpenRLHF's protocol, beside / (default: /get_reward)");
    private readonly Option<int?> _workers = OptionOf.Integer("--workers", "N", "threads that score with one copy of the weights, one libtorch thread each (default: --threads, else every core)", 1, 1024);
    private readonly Option<int?> _tokenBudget = OptionOf.Integer("--token-budget", "N", "most tokens of one forward pass, padding included (default: 8192)", 1, int.MaxValue);
    private readonly Option<bool> _deterministic = OptionOf.Switch("--deterministic", "compute each text alone: equal texts score equal to the last bit, whatever else is asked at the time; slower for short texts");
    private readonly Option<long?> _maxBody = OptionOf.Integer("--max-body", "BYTES", "largest body of a request (default: 8388608)", 1L, 1L << 32);
    private readonly Option<int?> _maxTexts = OptionOf.Integer("--max-texts", "N", "most texts of a request (default: 1024)", 1, int.MaxValue);
    private readonly Option<int?> _queue = OptionOf.Integer("--queue", "N", "most texts that wait; requests beyond are told to come back (429) (default: 4096)", 1, int.MaxValue);
    private readonly Option<bool> _details = OptionOf.Switch("--details", "uncertainty and z-score in every answer; without it, where a request says ?details=true");
    private readonly Option<bool> _experts = OptionOf.Switch("--expert-spread", "details of a mixture carry an uncertainty too: the spread of its single experts, each of which then scores the text as well; n routed experts cost n passes of a dense model beside the mixture's own");
    private readonly Option<string> _shape = OptionOf.Choice("--shape", "what is done to scores, as in PPO: nothing, a limit, or sigmoid(score - mean of the reference scores in reward.json)", "none", "clip", "sigmoid");
    private readonly Option<double?> _shapeBound = OptionOf.Number("--shape-bound", "B", "the limit of --shape clip (default: 3)", 1e-9, 1e9);
    private readonly Option<bool> _logRequests = OptionOf.Switch("--log-requests", "a line a request on stderr, without its texts");
    private readonly Option<bool> _logTexts = OptionOf.Switch("--log-texts", "the texts too");

    public ServeCommand()
        : base("serve", VerbGroup.Use, "a reward server for other trainers",
            "Serves reward models over HTTP by the protocols that trainers speak: OpenRLHF, LLaMA-Factory, vLLM and SGLang (verl), Text Embeddings Inference. Scores are raw and the same as score gives. "
            + "Texts that arrive together are computed together; one that is too long is refused, never cut. Ctrl-C answers what is in flight and ends.")
    {
        foreach (var option in (Option[])[_model, .. _reward.AllButModel, _host, _port, _tokenFile, _rewardPath, _workers, _tokenBudget, _deterministic, _maxBody, _maxTexts, _queue, _details, _experts, _shape, _shapeBound, _logRequests, _logTexts])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("serve --model runs/umm/model", "one model on port 8008 of this machine"),
        new("serve --model umm=runs/umm/model dense=runs/dense/model --port 9000", "two by name"),
        new("serve --models runs/a/model runs/b/model --combine uwo --details", "an ensemble, with its uncertainty"),
    ];

    public override int Run(Invocation invocation)
    {
        var settings = Settings(invocation);
        Check(invocation);
        var models = Open(invocation, settings.Deterministic ? 1 : settings.TokenBudget);
        var (log, stopping) = (invocation.Value(_logRequests) || settings.LogTexts ? invocation.Terminal.Note : (Action<string>?)null, invocation.Stopping);
        Serve(settings, models, log, invocation, stopping).GetAwaiter().GetResult();
        return ExitCode.Done;
    }

    private static async Task Serve(ServeSettings settings, IReadOnlyList<ServedModel> models, Action<string>? log, Invocation invocation, CancellationToken stopping)
    {
        await using var server = await RewardServer.Start(settings, models, invocation.Terminal.Fail, log);
        if (settings.Token is null && !server.Address.IsLoopback)
            invocation.Terminal.Warn($"{server.Address} is reached from other machines, and no token is asked for: set {TokenVariable} or --token-file unless the network is yours alone");
        if (invocation.Json)
            invocation.Terminal.Json(json => json.WriteString("url", server.Address.ToString()));
        invocation.Terminal.Flush();
        invocation.Terminal.Note($"serving {string.Join(", ", models.Select(model => model.Name))} at {server.Address} with {settings.Workers} workers; Ctrl-C ends");
        await Task.Delay(Timeout.Infinite, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private ServeSettings Settings(Invocation invocation)
    {
        var basic = new ServeSettings();
        return basic with
        {
            Host = invocation.Value(_host)!,
            Port = invocation.Value(_port) ?? basic.Port,
            Token = Token(invocation.Value(_tokenFile)),
            RewardPaths = invocation.Value(_rewardPath) is { Length: > 0 } paths ? paths : basic.RewardPaths,
            Workers = invocation.Value(_workers) ?? invocation.Threads ?? Environment.ProcessorCount,
            TokenBudget = invocation.Value(_tokenBudget) ?? basic.TokenBudget,
            Deterministic = invocation.Value(_deterministic),
            MaxBodyBytes = invocation.Value(_maxBody) ?? basic.MaxBodyBytes,
            MaxTexts = invocation.Value(_maxTexts) ?? basic.MaxTexts,
            QueueLimit = invocation.Value(_queue) ?? basic.QueueLimit,
            Details = invocation.Value(_details),
            Shaping = Shaping(invocation.Value(_shape)!, invocation.Value(_shapeBound)),
            LogTexts = invocation.Value(_logTexts),
        };
    }

    private void Check(Invocation invocation)
    {
        if (invocation.Value(_shapeBound) is not null && invocation.Value(_shape) != "clip")
            throw new UsageException("--shape-bound belongs to --shape clip");
    }

    private static Func<ServedModel, RewardShaping> Shaping(string kind, double? bound) => kind switch
    {
        "clip" => _ => RewardShaping.Clip(bound ?? 3),
        "sigmoid" => model => model.Reference is { } reference
            ? RewardShaping.Sigmoid([[reference.Mean]])
            : throw new UsageException($"--shape sigmoid compares with reference scores, and {model.Name} records none in its reward.json: train it with held-out pairs, or use --shape clip"),
        _ => _ => RewardShaping.None,
    };

    /// <summary>The first line of the file, else the environment's; an empty one would let everybody in who sends nothing.</summary>
    private static string? Token(string? file)
    {
        var token = file is null ? Environment.GetEnvironmentVariable(TokenVariable) : File.ReadLines(file).FirstOrDefault("").Trim();
        if (token is not null && string.IsNullOrWhiteSpace(token))
            throw new UsageException($"{file ?? TokenVariable} is empty; put the token there, or leave it away to ask for none");
        return token;
    }

    private List<ServedModel> Open(Invocation invocation, int tokenBudget)
    {
        List<ServedModel> models = [];
        var experts = invocation.Value(_experts);
        foreach (var named in invocation.Value(_model)!)
        {
            var at = named.IndexOf('=', StringComparison.Ordinal);
            var path = named[(at + 1)..];
            models.Add(ServedModel.Of(at > 0 ? named[..at] : NameOf(path), invocation.Model(path), _reward.OpenOne(invocation, path, tokenBudget), experts));
        }
        if (_reward.OpenEnsemble(invocation, tokenBudget) is { } ensemble)
            models.Add(new ServedModel("ensemble", ensemble));
        if (models.Count == 0)
            throw new UsageException("--model is missing (or --models, for an ensemble)");
        if (experts && models.All(model => model.Detailed == model))
            throw new UsageException("--expert-spread belongs to a mixture with two routed experts at least; none of the models is one");
        return models;
    }

    /// <summary>A folder's own name; of the folders that runs make, all called model, the run's.</summary>
    private static string NameOf(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var name = Path.GetFileNameWithoutExtension(full);
        return name is "model" or "ensemble" ? Path.GetFileName(Path.GetDirectoryName(full)) is { Length: > 0 } run ? run : name : Path.GetFileName(full);
    }
}
