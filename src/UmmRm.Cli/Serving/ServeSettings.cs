using UmmRm.Ppo;

namespace UmmRm.Cli.Serving;

/// <summary>How a reward server listens, what it refuses, and how it computes.</summary>
internal sealed record ServeSettings
{
    /// <summary>The address it listens on; the default is reached from this machine alone.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = 8008;

    /// <summary>What a client must send as bearer token; null asks for none. Never written anywhere.</summary>
    public string? Token { get; init; }

    /// <summary>Further paths that speak OpenRLHF's protocol; <c>/</c> always does.</summary>
    public IReadOnlyList<string> RewardPaths { get; init; } = ["/get_reward"];

    /// <summary>Threads that score, at least 1; each computes with one thread of libtorch, and all share one copy of the weights.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Most tokens of one forward pass, padding included; a longer text stands alone.</summary>
    public int TokenBudget { get; init; } = 8192;

    /// <summary>Whether each text is computed alone: the kernels then see shapes that depend on nothing but the text, and its score is the same to the last bit.</summary>
    public bool Deterministic { get; init; }

    /// <summary>Largest body of a request, in bytes.</summary>
    public long MaxBodyBytes { get; init; } = 8 << 20;

    /// <summary>Most texts of one request.</summary>
    public int MaxTexts { get; init; } = 1024;

    /// <summary>Most texts that wait to be scored; a request that would make it more is refused.</summary>
    public int QueueLimit { get; init; } = 4096;

    /// <summary>Whether every answer carries uncertainty and z-score, asked for or not.</summary>
    public bool Details { get; init; }

    /// <summary>The shaping of each model's scores, as in PPO.</summary>
    public Func<ServedModel, RewardShaping> Shaping { get; init; } = _ => RewardShaping.None;

    /// <summary>Seconds that requests in flight get when the server stops.</summary>
    public int DrainSeconds { get; init; } = 30;

    /// <summary>Whether texts go into the log, with their requests.</summary>
    public bool LogTexts { get; init; }
}
