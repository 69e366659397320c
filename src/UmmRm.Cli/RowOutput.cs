using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;

namespace UmmRm.Cli;

/// <summary>Where a verb writes the rows that it was given, as JSON lines: stdout, or a file that appears when all is written.</summary>
internal sealed class RowOutput : IDisposable
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Terminal _terminal;
    private readonly JsonLinesWriter? _file;

    /// <summary>Opens the output.</summary>
    /// <param name="path">A file, gzipped where its name ends in .gz; <c>-</c> or null for stdout.</param>
    /// <param name="terminal">Whose stdout.</param>
    public RowOutput(string? path, Terminal terminal) => (_terminal, _file) = (terminal, path is null or "-" ? null : new JsonLinesWriter(path));

    /// <summary>Whether the rows go to a file.</summary>
    public bool IsFile => _file is not null;

    /// <summary>How many rows were written.</summary>
    public long Count { get; private set; }

    /// <summary>Writes rows, and hands them to whoever reads stdout.</summary>
    /// <exception cref="InvalidDataException">A field cannot be written as JSON; the message names the row.</exception>
    public void Write(IEnumerable<DataRow> rows)
    {
        foreach (var row in rows)
        {
            try
            {
                Write(row.Fields);
            }
            catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
            {
                throw new InvalidDataException($"{row.Origin}: the row cannot be written as JSON: {e.Message}", e);
            }
            Count++;
        }
        _terminal.Flush();
    }

    /// <summary>Everything is written: a file appears under its name.</summary>
    public void Commit() => _file?.Commit();

    /// <summary>Closes the output; a file that was not committed is removed.</summary>
    public void Dispose() => _file?.Dispose();

    private void Write(JsonObject row)
    {
        if (_file is not null)
            _file.Write(row);
        else
            _terminal.Result(row.ToJsonString(Readable) + "\n");
    }
}
