namespace UmmRm.Hub;

/// <summary>Something could not be had from the hub or its cache; the message says what, why, and what to do.</summary>
public sealed class HubException : IOException
{
    /// <summary>A failure.</summary>
    public HubException(string message) : base(message)
    {
    }

    /// <summary>A failure with its cause.</summary>
    public HubException(string message, Exception? cause) : base(message, cause)
    {
    }

    /// <summary>Whether nobody answered, so that a copy from earlier may serve.</summary>
    internal bool IsUnreachable { get; init; }
}
