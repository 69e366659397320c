using System.Runtime.InteropServices;

namespace UmmRm.Cli;

/// <summary>
/// Ctrl-C, and SIGTERM with it. The first asks the running verb to finish its step and save, if the verb has said that it listens
/// by taking the token; otherwise, and the second time, the process ends at once.
/// </summary>
internal sealed class StopSignal(Terminal terminal) : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile bool _listened;

    /// <summary>Cancelled by the first Ctrl-C.</summary>
    public CancellationToken Token
    {
        get
        {
            _listened = true;
            return _source.Token;
        }
    }

    /// <summary>Whether somebody asked to stop.</summary>
    public bool Requested => _source.IsCancellationRequested;

    /// <summary>Takes the process's signals; done once, by Main.</summary>
    public void Listen()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (Request())
                    return;
                terminal.EndStatus();
                EndAtOnce();
            }));
        }
    }

    /// <summary>What a signal does; false when the process must end at once.</summary>
    public bool Request()
    {
        if (!_listened || _source.IsCancellationRequested)
            return false;
        terminal.Note("stopping after this step; Ctrl-C again stops at once");
        _source.Cancel();
        return true;
    }

    /// <summary>
    /// Ends the process without running exit handlers: libtorch's would take its memory away from under the threads that are still
    /// computing, and the process would crash instead. (Windows ends those threads first.)
    /// </summary>
    private static void EndAtOnce()
    {
        if (!OperatingSystem.IsWindows())
            ExitWithoutHandlers(ExitCode.Stopped);
        Environment.Exit(ExitCode.Stopped);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitWithoutHandlers(int code);

    /// <summary>Lets go of the signals.</summary>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }
}
