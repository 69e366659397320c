using System.Net;
using System.Text.Json;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using UmmRm.Data;

namespace UmmRm.Rewards;

/// <summary>
/// A reward function behind HTTP, by OpenRLHF's protocol: POST <c>{"query": [text, ...], "prompts": [...], "labels": [...]}</c> to the exact address,
/// <c>{"rewards": [number, ...]}</c> back. What fails is tried again a few times, with growing pauses; a failure never becomes a score.
/// </summary>
public sealed class RemoteReward : IRewardFunction
{
    private const int MostAnswerBytes = 64 << 20;
    private const int MostQuoted = 200;

    private readonly RemoteRewardSettings _settings;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<double[]> _pipeline;

    /// <summary>A reward function; nothing is sent yet.</summary>
    public RemoteReward(RemoteRewardSettings settings)
    {
        _settings = settings;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each attempt has its own
            MaxResponseContentBufferSize = MostAnswerBytes,
        };
        var pipeline = new ResiliencePipelineBuilder<double[]>();
        if (settings.Attempts > 1)
        {
            pipeline.AddRetry(new RetryStrategyOptions<double[]>
            {
                ShouldHandle = new PredicateBuilder<double[]>().Handle<HttpRequestException>().Handle<TimeoutRejectedException>().Handle<UnusableAnswerException>(),
                MaxRetryAttempts = settings.Attempts - 1,
                Delay = settings.Delay,
                BackoffType = DelayBackoffType.Exponential,
                MaxDelay = TimeSpan.FromMinutes(1),
            });
        }
        _pipeline = pipeline.AddTimeout(settings.Timeout).Build();
    }

    /// <inheritdoc/>
    public string Name => _settings.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <inheritdoc/>
    /// <exception cref="IOException">The server gave no usable answer within all attempts; the message says what the last one was.</exception>
    public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default)
    {
        var scores = new List<double>(completions.Count);
        foreach (var batch in completions.Chunk(_settings.BatchSize))
            scores.AddRange(Ask(batch, scores.Count, cancellation));
        return [.. scores];
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private double[] Ask(Completion[] batch, int first, CancellationToken cancellation)
    {
        var body = Body(batch);
        try
        {
            return _pipeline.Execute(token => Attempt(body, batch, first, token), cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or UnusableAnswerException or RefusedException)
        {
            var reason = e is TimeoutRejectedException ? FormattableString.Invariant($"no answer within {_settings.Timeout.TotalSeconds:0.##} s") : e.Message;
            var tries = e is RefusedException ? "refused the request" : $"gave no usable answer in {_settings.Attempts} attempt{(_settings.Attempts == 1 ? "" : "s")}; the last";
            throw new IOException($"reward server {Name} {tries}: {reason}. Nothing was scored: start or repair the server and run again; a training goes on from its last snapshot", e);
        }
    }

    private double[] Attempt(byte[] body, Completion[] batch, int first, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        using var response = _client.Send(request, HttpCompletionOption.ResponseContentRead, cancellation);
        using var content = new MemoryStream();
        response.Content.ReadAsStream(cancellation).CopyTo(content);
        var answer = content.ToArray();
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var said = $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}{Quoted(answer)}";
            var passes = (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
            throw passes ? new UnusableAnswerException(said) : new RefusedException(said);
        }
        return Read(answer, batch, first);
    }

    /// <summary>The numbers of an answer, a finite one a text; anything else is no answer.</summary>
    private static double[] Read(byte[] answer, Completion[] batch, int first)
    {
        JsonElement rewards;
        try
        {
            using var document = JsonDocument.Parse(answer);
            rewards = document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("rewards", out var found) && found.ValueKind == JsonValueKind.Array
                ? found.Clone()
                : throw new UnusableAnswerException($"an object with a list 'rewards' is expected, and it answered{Quoted(answer)}");
        }
        catch (JsonException)
        {
            throw new UnusableAnswerException($"it answered what is no JSON{Quoted(answer)}");
        }
        if (rewards.GetArrayLength() != batch.Length)
            throw new UnusableAnswerException($"it gave {rewards.GetArrayLength()} rewards for {batch.Length} texts");
        return [.. rewards.EnumerateArray().Select((reward, i) => reward.ValueKind == JsonValueKind.Number && reward.TryGetDouble(out var score) && double.IsFinite(score)
            ? score
            : throw new UnusableAnswerException($"it scored completion {first + i} as {reward.GetRawText()}, which is no finite number; its response is{Quoted(batch[i].Response)}"))];
    }

    private byte[] Body(Completion[] batch)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            WriteTexts(json, "query", batch.Select(Text));
            WriteTexts(json, "prompts", batch.Select(completion => _settings.Template.Render(completion.Prompt).Text));
            WriteTexts(json, "labels", batch.Select(_ => ""));
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    private string Text(Completion completion)
    {
        var text = _settings.Template.Render(completion.Prompt, completion.Response, completion.Ended).Text;
        return completion.Ended && _settings.Template.AppendsEos && !text.EndsWith(_settings.EndText, StringComparison.Ordinal) ? text + _settings.EndText : text;
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Quoted(byte[] answer) => Quoted(System.Text.Encoding.UTF8.GetString(answer, 0, Math.Min(answer.Length, 4 * MostQuoted)));

    private static string Quoted(string text) => text.Trim() is var trimmed && trimmed.Length == 0 ? " (nothing)" : $": {(trimmed.Length <= MostQuoted ? trimmed : trimmed[..MostQuoted] + "...")}";

    /// <summary>What the server answered may be better the next time.</summary>
    private sealed class UnusableAnswerException(string message) : Exception(message);

    /// <summary>The same request would be refused again.</summary>
    private sealed class RefusedException(string message) : Exception(message);
}
