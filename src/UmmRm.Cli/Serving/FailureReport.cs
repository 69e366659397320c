using System.Runtime.InteropServices;

namespace UmmRm.Cli.Serving;

/// <summary>What the log says of a request that failed for a reason which is not the client's.</summary>
internal static class FailureReport
{
    /// <summary>Types, places and, where they cannot quote a client's text, messages, from the outermost exception to its cause.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="texts">Whether texts may be logged: then every message is there.</param>
    public static string Of(Exception failure, bool texts)
    {
        List<string> parts = [];
        for (var cause = failure; cause is not null; cause = cause.InnerException)
            parts.Add($"{cause.GetType().FullName}{Message(cause, texts)}\n{cause.StackTrace}");
        return string.Join("\ncaused by ", parts);
    }

    /// <summary>libtorch and the system know no texts; any other message may be made of one.</summary>
    private static string Message(Exception cause, bool texts) =>
        texts || cause is ExternalException or OutOfMemoryException or IOException or ObjectDisposedException ? $": {Failure.Message(cause)}" : " (--log-texts shows its message, which may quote a text)";
}
