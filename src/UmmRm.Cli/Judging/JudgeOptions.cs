using System.ClientModel;
using System.ClientModel.Primitives;
using System.CommandLine;
using Microsoft.Extensions.AI;
using OpenAI;
using UmmRm.Evaluation;
using UmmRm.Recipes;
using UmmRm.Worlds;

namespace UmmRm.Cli.Judging;

/// <summary>The options that name a judge: an OpenAI-compatible endpoint's model, a reward, or the built-in world's gold.</summary>
internal sealed class JudgeOptions
{
    /// <summary>Environment variable of the key.</summary>
    public const string KeyVariable = "UMMRM_JUDGE_KEY";

    /// <summary>The same as other tools call it.</summary>
    public const string OpenAIKeyVariable = "OPENAI_API_KEY";

    private const string UrlVariable = "OPENAI_BASE_URL";
    private const string Gold = "world:gold";

    private readonly Option<string> _judge = OptionOf.Text("--judge", "NAME", $"a model of the endpoint; or, without any endpoint, a reward model's folder, an ensemble.json, or {Gold}", required: true);
    private readonly Option<string> _url = OptionOf.Text("--base-url", "URL", $"an OpenAI-compatible endpoint (default: ${UrlVariable}, else https://api.openai.com/v1); the key is read from ${KeyVariable}, else ${OpenAIKeyVariable}, and never written");
    private readonly Option<string> _prompt = OptionOf.Text("--judge-prompt", "FILE", "how it is asked: a text with {{request}}, {{answer_1}}, {{answer_2}} (default: the one that comes along)");
    private readonly Option<int?> _attempts = OptionOf.Integer("--attempts", "N", "requests for one verdict before it counts as unanswered (default: 5)", 1, 100);
    private readonly Option<double?> _timeout = OptionOf.Number("--timeout", "SECONDS", "how long one request may take (default: 120)", 0.1, 3600);

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IReadOnlyList<Option> All => [_judge, _url, _prompt, _attempts, _timeout];

    /// <summary>How a model is asked.</summary>
    public JudgePrompt Prompt(Invocation invocation) => invocation.Value(_prompt) is { } path ? JudgePrompt.Load(path) : JudgePrompt.Default;

    /// <summary>Makes the judge.</summary>
    /// <exception cref="UsageException">The endpoint's address is none.</exception>
    public IJudge Open(Invocation invocation)
    {
        var name = invocation.Value(_judge)!;
        if (name == Gold)
            return new RewardJudge(new GoldReward());
        if (Path.Exists(name))
        {
            invocation.UseThreads();
            return new RewardJudge(RewardFunctions.Open(name, name));
        }
        var attempts = invocation.Value(_attempts) ?? 5;
        var patience = new Patience(attempts, TimeSpan.FromSeconds(invocation.Value(_timeout) ?? 120), FirstDelay: TimeSpan.FromSeconds(1));
        return new ChatJudge(new RetryingChatClient(Client(invocation, name), patience), name, Prompt(invocation), Math.Min(3, attempts));
    }

    private IChatClient Client(Invocation invocation, string model)
    {
        var address = invocation.Value(_url) ?? (Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } named ? named : "https://api.openai.com/v1");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new UsageException($"--base-url is '{address}'; expected an address such as https://api.openai.com/v1 or http://127.0.0.1:8000/v1");
        var key = new[] { KeyVariable, OpenAIKeyVariable }.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        if (key is null && !url.IsLoopback)
            throw new InvalidOperationException($"there is no key for {url.Host}: set {KeyVariable} (or {OpenAIKeyVariable}) in the environment");
        var options = new OpenAIClientOptions { Endpoint = url, RetryPolicy = new ClientRetryPolicy(maxRetries: 0), NetworkTimeout = Timeout.InfiniteTimeSpan };
        return new OpenAIClient(new ApiKeyCredential(key ?? "none"), options).GetChatClient(model).AsIChatClient(); // servers on this machine want no key
    }
}
