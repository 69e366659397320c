namespace UmmRm.Cli;

/// <summary>The command line asks for something that does not exist or cannot be: exit code 2. The message says what and what to write instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
