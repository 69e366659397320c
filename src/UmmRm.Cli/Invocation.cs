using System.CommandLine;
using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Runtime;

namespace UmmRm.Cli;

/// <summary>What a verb runs with: its options' values, the terminal, and the wish to stop.</summary>
internal sealed class Invocation(CommandLine line, Terminal terminal, StopSignal stop) : IDisposable
{
    private readonly Lazy<OutsideInputs> _outside = new(() => new OutsideInputs(progress: terminal.Progress, note: terminal.Note));
    private DirectoryInfo? _kept;
    private string? _keptFile;

    /// <summary>Where results and messages go.</summary>
    public Terminal Terminal => terminal;

    /// <summary>Whether stdout is to hold one JSON document.</summary>
    public bool Json => line.Has(line.Everywhere.Json);

    /// <summary>--seed, or null when it was not given.</summary>
    public long? Seed => line.Value(line.Everywhere.Seed);

    /// <summary>--threads, or null when it was not given: all cores.</summary>
    public int? Threads => line.Value(line.Everywhere.Threads);

    /// <summary>Whether --device was given.</summary>
    public bool DeviceGiven => line.Value(line.Everywhere.Device) is not null;

    /// <summary>Tells libtorch how many threads to use, when --threads says so.</summary>
    public void UseThreads()
    {
        if (Threads is { } count)
            LibTorch.UseThreads(count);
    }

    /// <summary>
    /// Ctrl-C. Who asks for it promises to watch it: finish the step, save, and throw OperationCanceledException. A verb that never
    /// asks is ended at once by the first Ctrl-C.
    /// </summary>
    public CancellationToken Stopping => stop.Token;

    /// <summary>An option's value; its default, or null, when it was not given.</summary>
    public T? Value<T>(Option<T> option) => line.Value(option);

    /// <summary>An argument's value.</summary>
    public T? Value<T>(Argument<T> argument) => line.Value(argument);

    /// <summary>A model's folder, or another path: a hub id is fetched, everything else comes back as it is.</summary>
    public string Model(string name, bool tokenizerOnly = false) => _outside.Value.Model(name, tokenizerOnly);

    /// <summary>Rows as they are named on the command line; those of the hub are fetched, those of stdin are as <see cref="RowsFile"/> says.</summary>
    public DataSource Rows(string text) => _outside.Value.Rows(DataSource.Parse(RowsFile(text)));

    /// <summary>A data source's name; what stdin holds becomes a file that is kept until the verb ends.</summary>
    public string RowsFile(string source) =>
        StandardInput.IsMeantBy(source) ? Keep(source, (_kept ??= Directory.CreateTempSubdirectory("ummrm-")).FullName) : source;

    /// <summary>Keeps what stdin holds as a file of a folder.</summary>
    /// <returns>The file as a data source, with the source's slice.</returns>
    public string Keep(string source, string folder)
    {
        var existed = Directory.Exists(folder);
        try
        {
            _keptFile = StandardInput.Keep(source, folder, terminal, Stopping);
            return _keptFile + source[1..];
        }
        catch (Exception) when (!existed && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
            throw;
        }
    }

    /// <summary>A message in which the file that stdin was kept in is called what it was to the user.</summary>
    public string InWords(string message) => _keptFile is null ? message : message.Replace(_keptFile, "standard input", StringComparison.Ordinal);

    /// <summary>Closes connections, and forgets what stdin held.</summary>
    public void Dispose()
    {
        _kept?.Delete(recursive: true);
        if (_outside.IsValueCreated)
            _outside.Value.Dispose();
    }
}
