using System.Reflection;
using System.Runtime.InteropServices;

namespace UmmRm.Cli;

/// <summary>What an exception says to somebody who did not write the program.</summary>
internal static class Failure
{
    /// <summary>The message of the cause: wrappers taken off, libtorch's native stack and TorchScript's left out, our own mistakes called by their name.</summary>
    public static string Message(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: 1, InnerException: { } inner } => Message(inner),
        TypeInitializationException { InnerException: { } inner } => Message(inner),
        TargetInvocationException { InnerException: { } inner } => Message(inner),
        ExternalException => exception.Message.Split("Exception raised from")[0].Split("RuntimeError: ")[^1].TrimEnd(),
        OutOfMemoryException => "out of memory: a smaller batch (batch_size, tokens_per_batch) or a shorter max_length needs less",
        NullReferenceException or IndexOutOfRangeException or InvalidCastException or KeyNotFoundException =>
            $"a mistake of this program ({exception.GetType().Name}: {exception.Message}); --verbose shows where",
        _ => FileFailure.Message(exception) ?? exception.Message,
    };
}
