namespace UmmRm.Hub;

/// <summary>Where the hub is, where its files are kept, and who asks.</summary>
public sealed record HubSettings
{
    /// <summary>The hub's address (HF_ENDPOINT).</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co/");

    /// <summary>The cache's folder (HF_HUB_CACHE, else HF_HOME/hub), laid out as the reference client does.</summary>
    public required string Cache { get; init; }

    /// <summary>Sent to the hub and to nobody else (HF_TOKEN, else the file HF_TOKEN_PATH, else HF_HOME/token); null asks as anybody. Never written or shown.</summary>
    public string? Token { get; init; }

    /// <summary>Take only what is in the cache (HF_HUB_OFFLINE).</summary>
    public bool Offline { get; init; }

    /// <summary>How often a request that failed for a passing reason is made, at most; a download that comes further starts counting anew.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause before the second attempt, doubled before each further one; a server's Retry-After counts instead.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that a server may ask for; beyond it the request fails and says so.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an answer, or the next piece of one, may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The settings that the environment names, under the reference client's names.</summary>
    /// <exception cref="ArgumentException">HF_ENDPOINT is no address, or the token is no token; the message does not repeat a token.</exception>
    public static HubSettings FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>The same for any environment.</summary>
    /// <param name="variable">The value of a variable, or null.</param>
    public static HubSettings FromEnvironment(Func<string, string?> variable)
    {
        string? Given(string name) => variable(name) is { } value && value.Trim().Length > 0 ? value.Trim() : null;
        var user = Given("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string Expanded(string path) => Path.GetFullPath(path == "~" ? user : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(user, path[2..]) : path);
        var home = Expanded(Given("HF_HOME") ?? Path.Combine(Given("XDG_CACHE_HOME") ?? Path.Combine(user, ".cache"), "huggingface"));
        return new HubSettings
        {
            Endpoint = Given("HF_ENDPOINT") is { } endpoint ? Address(endpoint) : new("https://huggingface.co/"),
            Cache = Expanded(Given("HF_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = CheckedToken(Given("HF_TOKEN") ?? FromFile(Expanded(Given("HF_TOKEN_PATH") ?? Path.Combine(home, "token")))),
            Offline = Given("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{Endpoint} ({(Token is null ? "no token" : "with a token")}{(Offline ? ", offline" : "")}), cache {Cache}";

    private static Uri Address(string text) => Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? address
        : throw new ArgumentException($"HF_ENDPOINT is '{text}'; expected the address of a hub, such as https://huggingface.co");

    private static string? FromFile(string path) => File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;

    private static string? CheckedToken(string? token) => token is null || token.All(c => c is > ' ' and < (char)127) ? token
        : throw new ArgumentException("the hub's token (HF_TOKEN, or the file HF_TOKEN_PATH) holds spaces or characters that no token has; expected one word, such as hf_...");
}
