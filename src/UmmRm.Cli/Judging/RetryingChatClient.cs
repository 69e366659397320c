using System.ClientModel;
using System.Globalization;
using Microsoft.Extensions.AI;
using Polly;
using Polly.Retry;
using UmmRm.Evaluation;

namespace UmmRm.Cli.Judging;

/// <summary>How patiently an endpoint is asked.</summary>
/// <param name="Attempts">Requests for one answer at most.</param>
/// <param name="Timeout">How long one request may take.</param>
/// <param name="FirstDelay">Pause after the first failure; it doubles, with jitter, up to a minute. An endpoint's own Retry-After goes before it.</param>
internal sealed record Patience(int Attempts, TimeSpan Timeout, TimeSpan FirstDelay);

/// <summary>
/// Asks again where that can help: rate limits (429, for as long as Retry-After says), failures of the server, cut connections, time-outs, answers that are not what the protocol says. What cannot help, such as a wrong key, is an
/// <see cref="InvalidOperationException"/> at once; a spent budget is a <see cref="JudgeUnreachableException"/>.
/// </summary>
internal sealed class RetryingChatClient : DelegatingChatClient
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);
    private readonly ResiliencePipeline<ChatResponse> _pipeline;
    private readonly Patience _patience;

    /// <param name="inner">The endpoint, without retries of its own.</param>
    /// <param name="patience">The budget.</param>
    public RetryingChatClient(IChatClient inner, Patience patience) : base(inner)
    {
        _patience = patience;
        var builder = new ResiliencePipelineBuilder<ChatResponse>();
        if (patience.Attempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions<ChatResponse>
            {
                MaxRetryAttempts = patience.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = patience.FirstDelay,
                MaxDelay = LongestDelay,
                ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome.Exception is { } e && !IsFinal(e)),
                DelayGenerator = outcome => ValueTask.FromResult(RetryAfter(outcome.Outcome.Exception)),
            });
        }
        _pipeline = builder.AddTimeout(patience.Timeout).Build();
    }

    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async cancellation => await base.GetResponseAsync(messages, options, cancellation).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ClientResultException e) when (IsFinal(e))
        {
            throw new InvalidOperationException($"the judge refuses: HTTP {e.Status}. {Remedy(e.Status)}", e);
        }
        catch (Exception e)
        {
            throw new JudgeUnreachableException($"no answer after {_patience.Attempts} requests; the last: {(e is ClientResultException { Status: > 0 } http ? $"HTTP {http.Status}" : e.Message)}", e);
        }
    }

    private static bool IsFinal(Exception e) => e is ClientResultException { Status: >= 400 and < 500 and not (408 or 409 or 425 or 429) };

    private static string Remedy(int status) => status switch
    {
        401 or 403 => $"The key is wrong or has no right to this model; it is read from {JudgeOptions.KeyVariable}, else {JudgeOptions.OpenAIKeyVariable}",
        404 => "There is no such model or path there; check --judge and --base-url (it usually ends with /v1)",
        _ => "The endpoint does not take the request; check that it speaks OpenAI's chat completions and that answers fit its context",
    };

    private static TimeSpan? RetryAfter(Exception? e)
    {
        if (e is not ClientResultException http || http.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var value) is not true || value is null)
            return null;
        var wait = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestDelay.TotalSeconds))
            : DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out var date) ? date - DateTimeOffset.UtcNow
            : (TimeSpan?)null;
        return wait is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestDelay.Ticks)) : null;
    }
}
