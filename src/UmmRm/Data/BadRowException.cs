namespace UmmRm.Data;

/// <summary>A row that cannot be used; the reader of the file counts it or turns it into the error that the caller sees.</summary>
/// <param name="reason">Under which heading it is counted.</param>
/// <param name="message">Column, value found and what was expected, without file and row.</param>
internal sealed class BadRowException(BadRowReason reason, string message) : Exception(message)
{
    public BadRowReason Reason { get; } = reason;
}
