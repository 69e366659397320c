using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;
using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>How much is said on stderr.</summary>
internal enum Verbosity
{
    /// <summary>Warnings and errors.</summary>
    Quiet,

    /// <summary>Notes and progress too.</summary>
    Normal,

    /// <summary>Everything.</summary>
    Verbose,
}

/// <summary>The process's three streams: results go to stdout and nothing else does; notes, warnings, progress and errors go to stderr.</summary>
internal sealed class Terminal : IDisposable
{
    private const int BufferSize = 1 << 16;
    private static readonly JsonWriterOptions JsonForm = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();
    private readonly TextWriter _error;
    private readonly Lazy<IAnsiConsole?> _screen;
    private bool _statusShown;

    /// <param name="input">stdin.</param>
    /// <param name="output">stdout; buffered here.</param>
    /// <param name="error">stderr.</param>
    /// <param name="screen">stderr as a screen with colours and a line that can be rewritten, or null when it is a file or a pipe.</param>
    /// <param name="clock">Measures progress.</param>
    public Terminal(Stream input, Stream output, TextWriter error, Func<IAnsiConsole?> screen, TimeProvider clock)
    {
        Input = input;
        Output = new BufferedStream(output, BufferSize);
        _error = error;
        _screen = new Lazy<IAnsiConsole?>(screen);
        Progress = new ProgressLine(this, clock);
    }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess() => new(OpenInput(), OpenOutput(), Console.Error, OpenScreen, TimeProvider.System)
    {
        HasColours = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };

    /// <summary>Whether results go to a screen that shows colours.</summary>
    public bool HasColours { get; init; }

    /// <summary>stdin.</summary>
    public Stream Input { get; }

    /// <summary>stdout, buffered; flushed when the verb ends, before a message, and by who answers line by line.</summary>
    public Stream Output { get; }

    /// <summary>How much is said on stderr.</summary>
    public Verbosity Verbosity { get; set; } = Verbosity.Normal;

    /// <summary>Shows how far long work has come.</summary>
    public IProgress<ProgressReport> Progress { get; }

    /// <summary>Whether somebody watches stderr on a screen.</summary>
    public bool IsWatched => _screen.Value is not null;

    /// <summary>Columns to wrap texts to.</summary>
    public int Width => Math.Min(100, _screen.Value?.Profile.Width ?? 100);

    /// <summary>Writes a result, as it is.</summary>
    public void Result(string text) => Output.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes one JSON object and a line end; the caller writes its properties.</summary>
    public void Json(Action<Utf8JsonWriter> writeProperties)
    {
        using (var json = new Utf8JsonWriter(Output, JsonForm))
        {
            json.WriteStartObject();
            writeProperties(json);
            json.WriteEndObject();
        }
        Output.WriteByte((byte)'\n');
    }

    /// <summary>Says something that a person may want to know while waiting.</summary>
    public void Note(string text)
    {
        if (Verbosity != Verbosity.Quiet)
            Say("", "", text);
    }

    /// <summary>Says something that only --verbose asks for.</summary>
    public void Detail(string text)
    {
        if (Verbosity == Verbosity.Verbose)
            Say("", "", text);
    }

    /// <summary>Says that something may not be as intended.</summary>
    public void Warn(string text) => Say("warning: ", "yellow", text);

    /// <summary>Says why it failed.</summary>
    public void Fail(string text) => Say("error: ", "red", text);

    /// <summary>Shows a line that the next one replaces; only where <see cref="IsWatched"/>.</summary>
    public void Status(string text)
    {
        lock (_gate)
        {
            if (_screen.Value is not { } screen)
                return;
            var room = Math.Max(1, screen.Profile.Width - 1);
            screen.Write(new ControlCode("\r\e[2K"));
            screen.Write(new Text(text.Length > room ? text[..room] : text));
            _statusShown = true;
        }
    }

    /// <summary>Takes the line that would be replaced away.</summary>
    public void EndStatus()
    {
        lock (_gate)
        {
            if (_statusShown)
                _screen.Value!.Write(new ControlCode("\r\e[2K"));
            _statusShown = false;
        }
    }

    /// <summary>Hands results to whoever reads them.</summary>
    public void Flush()
    {
        EndStatus(); // the reader may be the same screen
        Output.Flush();
    }

    /// <summary>Takes the status line away; results were flushed, or nobody reads them.</summary>
    public void Dispose() => EndStatus();

    /// <summary>Whether a write failed because nobody reads the pipe any more: EPIPE, or ERROR_BROKEN_PIPE and ERROR_NO_DATA.</summary>
    public static bool SaysThatTheReaderLeft(IOException exception) =>
        OperatingSystem.IsWindows() ? exception.HResult is unchecked((int)0x8007006D) or unchecked((int)0x800700E8) : exception.HResult == 32;

    private void Say(string label, string color, string text)
    {
        lock (_gate)
        {
            EndStatus();
            if (label.Length > 0 && _screen.Value is { } screen)
                screen.Write(new Text(label, Style.Parse(color)));
            else
                _error.Write(label);
            _error.WriteLine(text);
        }
    }

    /// <summary>stdin; nothing where the caller closed it: its number is then that of a pipe of the runtime's own, whose other end this process holds too, and a read would wait for ever.</summary>
    private static Stream OpenInput()
    {
        if (!OperatingSystem.IsLinux() || new FileInfo("/proc/self/fd/0").LinkTarget is not { } target || !target.StartsWith("pipe:", StringComparison.Ordinal))
            return Console.OpenStandardInput();
        return new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Any(open => open.LinkTarget == target && IsWritten(open.Name)) ? Stream.Null : Console.OpenStandardInput();
    }

    /// <summary>Whether a file descriptor of this process is open for writing: the last octal digit of its flags is the access mode.</summary>
    private static bool IsWritten(string descriptor)
    {
        try
        {
            return File.ReadLines($"/proc/self/fdinfo/{descriptor}").FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal))?[^1] is '1' or '2';
        }
        catch (IOException) // closed meanwhile
        {
            return false;
        }
    }

    /// <summary>On a pipe the console's own stream would hide that the reader left and go on into nothing; a file stream says so.</summary>
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe; // a file stream keeps its own position, which a shared file must not have
    }

    private static IAnsiConsole? OpenScreen()
    {
        if (Console.IsErrorRedirected)
            return null;
        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return screen.Profile.Capabilities.Ansi ? screen : null;
    }
}
