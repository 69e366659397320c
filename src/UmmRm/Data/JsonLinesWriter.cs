using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Data;

/// <summary>
/// Writes rows as JSONL, gzipped where the name ends in .gz. A file appears under its name only when <see cref="Commit"/> is called; until
/// then, and if it never is, whatever stood there before stays. A device (<c>/dev/null</c>) is written to as it is.
/// </summary>
public sealed class JsonLinesWriter : IDisposable
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string? _path;
    private readonly string? _temporary;
    private readonly Stream _file;
    private readonly Stream _text;
    private readonly Utf8JsonWriter _json;
    private bool _closed;

    /// <summary>Opens a writer on a file, or on standard output for <c>-</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">The file's folder does not exist.</exception>
    /// <exception cref="ArgumentException">It is a folder.</exception>
    public JsonLinesWriter(string path)
    {
        if (Directory.Exists(path))
            throw new ArgumentException($"the output {path} is a folder; name a file");
        _path = path == "-" ? null : path;
        _temporary = _path is null || IsDevice(_path) ? null : $"{_path}.{Environment.ProcessId}.tmp";
        _file = _path is null ? new BufferedStream(Console.OpenStandardOutput(), 1 << 16)
            : _temporary is null ? new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1 << 16)
            : new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        _text = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(_file, CompressionLevel.Optimal, leaveOpen: true) : _file;
        _json = new Utf8JsonWriter(_text, Readable);
    }

    /// <summary>Writes a row with all its fields in their order.</summary>
    /// <exception cref="InvalidDataException">A field cannot be written as JSON: half of a surrogate pair, or a number that is not finite.</exception>
    public void Write(JsonObject row)
    {
        try
        {
            row.WriteTo(_json);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"a row cannot be written to {_path ?? "standard output"}: {e.Message}", e);
        }
        _json.Flush();
        _json.Reset();
        _text.WriteByte((byte)'\n');
    }

    /// <summary>Finishes the output: everything is on disk, and the file stands under its name.</summary>
    public void Commit()
    {
        Close();
        if (_temporary is not null)
            File.Move(_temporary, _path!, overwrite: true);
    }

    /// <summary>Closes the output; a file that was not committed is removed.</summary>
    public void Dispose()
    {
        try
        {
            Close();
        }
        finally
        {
            if (_temporary is not null)
                File.Delete(_temporary);
        }
    }

    /// <summary>Whether a path names a device, which a file must never replace.</summary>
    internal static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows() && Path.GetFullPath(path) is var full && full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private void Close()
    {
        if (_closed)
            return;
        _closed = true;
        using (_file) // closed even where the disk is full
        {
            _json.Reset();
            _json.Dispose();
            if (_text != _file)
                _text.Dispose();
            if (_file is FileStream file)
                file.Flush(flushToDisk: true);
        }
    }
}
