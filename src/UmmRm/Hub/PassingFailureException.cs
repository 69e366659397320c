using System.Net;

namespace UmmRm.Hub;

/// <summary>A failure that may be gone when the same is asked again.</summary>
internal sealed class PassingFailureException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>Whether nobody answered.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>The failure that a status stands for, or null when asking again would not help.</summary>
    public static PassingFailureException? Of(HttpResponseMessage answer, string what)
    {
        if (answer.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) && (int)answer.StatusCode < 500)
            return null;
        var after = answer.Headers.RetryAfter;
        var pause = after?.Delta ?? (after?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return new PassingFailureException($"{what}: the hub answers {(int)answer.StatusCode} ({(answer.StatusCode == HttpStatusCode.TooManyRequests ? "too many requests" : "it is busy or out of order")})")
        {
            Pause = pause < TimeSpan.Zero ? TimeSpan.Zero : pause,
        };
    }
}
