namespace UmmRm.Cli;

/// <summary>What the process tells its caller; scripts rely on these.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed, with one message on stderr.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl-C (or SIGTERM).</summary>
    public const int Stopped = 130;
}
