using System.Text;
using Spectre.Console;
using UmmRm.Cli;
using UmmRm.Cli.Commands;

namespace UmmRm.Tests.Cli;

/// <summary>What one command line did.</summary>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    /// <summary>Runs a command line in this process, as Main does but for the signals.</summary>
    public static CommandRun Of(params string[] arguments) => With([], Verbs.All(), arguments);

    /// <summary>Runs a command line that reads a text from stdin.</summary>
    public static CommandRun Reading(string input, params string[] arguments) => Reading(Encoding.UTF8.GetBytes(input), arguments);

    /// <summary>Runs a command line that reads bytes from stdin.</summary>
    public static CommandRun Reading(byte[] input, params string[] arguments) => With(input, Verbs.All(), arguments);

    /// <summary>Runs a command line with other verbs than the program's own.</summary>
    public static CommandRun With(IReadOnlyList<Verb> verbs, params string[] arguments) => With([], verbs, arguments);

    private static CommandRun With(byte[] input, IReadOnlyList<Verb> verbs, string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(new MemoryStream(input), output, error, () => null, new StoppedClock());
        using var stop = new StopSignal(terminal);
        var code = Program.Run(arguments, verbs, terminal, stop);
        return new CommandRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    /// <summary>A screen of 80 columns that writes its escape codes into a text.</summary>
    public static IAnsiConsole Screen(TextWriter written)
    {
        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(written) });
        screen.Profile.Width = 80;
        return screen;
    }

    /// <summary>However slow the machine, no time passes, so no progress is shown.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
