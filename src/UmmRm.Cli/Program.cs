using System.Reflection;
using UmmRm.Cli.Commands;
using UmmRm.Runtime;

namespace UmmRm.Cli;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        using var terminal = Terminal.OfProcess();
        using var stop = new StopSignal(terminal);
        stop.Listen();
        var code = Run(arguments, Verbs.All(), terminal, stop);
        if (LibTorch.Note.Length > 0)
            terminal.Detail(LibTorch.Note);
        return code;
    }

    /// <summary>One command line from its words to its exit code. Nothing escapes: whatever fails becomes a message on stderr and a code.</summary>
    internal static int Run(IReadOnlyList<string> arguments, IReadOnlyList<Verb> verbs, Terminal terminal, StopSignal stop)
    {
        try
        {
            try
            {
                return Dispatch(new CommandLine(arguments, verbs), terminal, stop);
            }
            finally
            {
                terminal.Flush(); // what was done before a failure is handed out
            }
        }
        catch (OperationCanceledException) when (stop.Requested)
        {
            terminal.Note("stopped");
            return ExitCode.Stopped;
        }
        catch (UsageException e)
        {
            terminal.Fail(e.Message);
            return ExitCode.Usage;
        }
        catch (IOException e) when (Terminal.SaysThatTheReaderLeft(e))
        {
            return ExitCode.Done; // as in `ummrm tokenize ... | head`: who reads has all that was wanted
        }
        catch (Exception e)
        {
            terminal.Fail(Failure.Message(e));
            terminal.Detail(e.ToString());
            return ExitCode.Failed;
        }
    }

    private static int Dispatch(CommandLine line, Terminal terminal, StopSignal stop)
    {
        if (line.Has(line.Everywhere.Quiet))
            terminal.Verbosity = Verbosity.Quiet;
        else if (line.Has(line.Everywhere.Verbose))
            terminal.Verbosity = Verbosity.Verbose;

        if (line.AsksForHelp)
        {
            terminal.Result(HelpText.For(line.Command, terminal.Width));
            return ExitCode.Done;
        }
        if (line.AsksForVersion)
            return ShowVersion(line, terminal);
        var verb = line.Verb();
        if (line.Value(line.Everywhere.Device) is { } device)
            UseDevice(device);
        using var invocation = new Invocation(line, terminal, stop);
        try
        {
            return verb.Run(invocation);
        }
        catch (InvalidDataException e) when (invocation.InWords(e.Message) is var words && words != e.Message)
        {
            throw new InvalidDataException(words, e);
        }
    }

    private static void UseDevice(string name)
    {
        try
        {
            ComputeDevice.Use(name);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--device: {e.Message}");
        }
    }

    private static int ShowVersion(CommandLine line, Terminal terminal)
    {
        var version = typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        if (line.Has(line.Everywhere.Json))
            terminal.Json(json => json.WriteString("version", version));
        else
            terminal.Result($"{version}\n");
        return ExitCode.Done;
    }
}
