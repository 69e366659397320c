namespace UmmRm.Cli.Serving;

/// <summary>A request that is refused.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="reason">What was found, what was expected, and the remedy: the client reads it.</param>
/// <param name="retryAfter">Seconds after which it may be tried again, or null.</param>
internal sealed class RequestException(int status, string reason, int? retryAfter = null) : Exception(reason)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Seconds after which it may be tried again, or null.</summary>
    public int? RetryAfter => retryAfter;

    /// <summary>A body that is JSON but not what the protocol says.</summary>
    public static RequestException Unprocessable(string reason) => new(422, reason);
}
