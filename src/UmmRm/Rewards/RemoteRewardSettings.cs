using System.Globalization;
using UmmRm.Tokenization;

namespace UmmRm.Rewards;

/// <summary>
/// A reward server and how it is asked, in one text: <c>http://host:port/path</c>, and after a # what only this side needs to know:
/// <c>#template=coste&amp;eos=&lt;/s&gt;&amp;batch=64&amp;timeout=30&amp;attempts=5</c>.
/// </summary>
public sealed record RemoteRewardSettings
{
    private static readonly string[] Keys = ["template", "eos", "batch", "timeout", "attempts", "delay"];

    /// <summary>Where requests go, exactly.</summary>
    public required Uri Address { get; init; }

    /// <summary>How prompt and response become the one text that is sent.</summary>
    public PromptTemplate Template { get; init; } = PlainTemplate.Raw;

    /// <summary>What ends a finished response where the template does not: the text of the server's end-of-text token. Texts are sent with their special tokens, and a server of this protocol adds none.</summary>
    public string EndText { get; init; } = "";

    /// <summary>Texts of a request.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How long an attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request is tried in all.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause before the second attempt; each later one is twice as long.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Whether a text names a reward server.</summary>
    public static bool IsAddress(string text) => text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes a text apart.</summary>
    /// <exception cref="ArgumentException">It is no address, or what follows the # is not understood; the message names it.</exception>
    public static RemoteRewardSettings Parse(string text)
    {
        var parts = text.Split('#', 2);
        if (!IsAddress(text) || !Uri.TryCreate(parts[0], UriKind.Absolute, out var address))
            throw new ArgumentException($"{text} is no address of a reward server; expected such as http://127.0.0.1:8008/get_reward");
        var settings = new RemoteRewardSettings { Address = address };
        foreach (var option in parts.Length == 1 ? [] : parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries))
            settings = settings.With(text, option);
        return settings;
    }

    private RemoteRewardSettings With(string text, string option)
    {
        var (key, value) = option.Split('=', 2) is [var name, var given] ? (name, Uri.UnescapeDataString(given)) : (option, "");
        return key switch
        {
            "template" => this with { Template = PromptTemplate.Resolve(value, null) },
            "eos" => this with { EndText = value },
            "batch" => this with { BatchSize = (int)Number(1, 100_000) },
            "timeout" => this with { Timeout = TimeSpan.FromSeconds(Number(0.01, 86_400)) },
            "attempts" => this with { Attempts = (int)Number(1, 1_000) },
            "delay" => this with { Delay = TimeSpan.FromSeconds(Number(0, 3_600)) },
            _ => throw new ArgumentException($"{text}: after # stands '{option}'; expected {string.Join(", ", Keys.Select(known => $"{known}=..."))}, with & between them"),
        };
        double Number(double least, double most) => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException(FormattableString.Invariant($"{text}: {key} is '{value}'; expected a number from {least} to {most}{(key is "timeout" or "delay" ? " (seconds)" : "")}"));
    }
}
