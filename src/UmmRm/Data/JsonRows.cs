using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace UmmRm.Data;

/// <summary>
/// Reads rows from JSON text as a stream: an object a line (JSONL) or one array of objects, told apart by the first character, and
/// gzip told by its first bytes, so that a misleading file name does no harm. Memory: the longest row.
/// </summary>
internal sealed class JsonRows : IDisposable
{
    /// <summary>Bytes of the longest row that is read; a longer one is no row of texts but a broken file.</summary>
    internal const int LongestRow = 256 << 20;

    private const int FirstBuffer = 1 << 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly string _file;
    private readonly Stream _raw;
    private readonly Stream _text;
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private bool _atEnd;

    private JsonRows(string file, Stream raw)
    {
        _file = file;
        _raw = raw;
        _text = StartsAsGZip(raw) ? new GZipText(raw) : raw;
    }

    /// <summary>The rows of a file.</summary>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">The text is not JSON, not UTF-8, cut, or holds something else than objects; the message names file and row.</exception>
    public static IEnumerable<DataRow> Read(string file)
    {
        using var rows = new JsonRows(file, Seekable(file));
        foreach (var row in rows.Rows())
            yield return row;
    }

    private static FileStream Seekable(string file)
    {
        var stream = File.OpenRead(file);
        if (stream.CanSeek)
            return stream;
        stream.Dispose();
        throw new InvalidDataException($"{file} is a pipe, which can be read only once, and rows are looked at again; give them by standard input (--data -), or write them to a file");
    }

    private static bool StartsAsGZip(Stream raw)
    {
        Span<byte> magic = stackalloc byte[2];
        var count = raw.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        raw.Position = 0;
        return count == 2 && magic is [0x1f, 0x8b];
    }

    private IEnumerable<DataRow> Rows()
    {
        while (_end < 3 && Fill(1))
            continue;
        if (Unread.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]))
            _start += 3;
        return First() == '[' ? Elements() : Lines();
    }

    /// <summary>The first byte that is not white space, left unread; -1 when there is none.</summary>
    private int First()
    {
        int at;
        while ((at = Unread.IndexOfAnyExcept(WhiteSpace)) < 0 && Fill(1))
            continue;
        return at < 0 ? -1 : Unread[at];
    }

    private IEnumerable<DataRow> Lines()
    {
        for (long number = 1; ; number++)
        {
            int length;
            while ((length = Unread.IndexOf((byte)'\n')) < 0 && Fill(number))
                continue;
            var line = Take(length < 0 ? _end - _start : length);
            if (line.Span.IndexOfAnyExcept(WhiteSpace) >= 0)
                yield return Parse(line.Span, number);
            if (length < 0)
                yield break;
            _start++; // the line feed
        }
    }

    private IEnumerable<DataRow> Elements()
    {
        SkipWhiteSpace(1);
        _start++; // [
        long number = 1;
        for (; SkipWhiteSpace(number) != ']'; number++)
        {
            int length;
            while ((length = LengthOfValue(number)) < 0)
            {
                if (!Fill(number))
                    throw Bad(number, "the file ends inside the array: it is cut; write or fetch it again");
            }
            yield return Parse(Take(length).Span, number);
            var next = SkipWhiteSpace(number);
            if (next == ',')
                _start++;
            else if (next != ']')
                throw Bad(number, next < 0 ? "the file ends inside the array: it is cut; write or fetch it again" : "a comma or ] was expected after this element of the array");
        }
        _start++; // ]
        if (SkipWhiteSpace(number) >= 0)
            throw new InvalidDataException($"{_file}: more text follows the array's ]; a .json file holds one array of rows, a .jsonl file one object a line");
    }

    /// <summary>Bytes of the JSON value that begins here, or -1 while its end is not in the buffer.</summary>
    private int LengthOfValue(long number)
    {
        try
        {
            var reader = new Utf8JsonReader(Unread, isFinalBlock: false, default);
            return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : -1;
        }
        catch (JsonException e)
        {
            throw NotJson(number, e);
        }
    }

    private DataRow Parse(ReadOnlySpan<byte> json, long number)
    {
        if (!Utf8.IsValid(json))
            throw Bad(number, "the text is not UTF-8; convert the file to UTF-8");
        try
        {
            return JsonNode.Parse(json, null, Strict) is { } node
                ? new DataRow(_file, number, node as JsonObject ?? throw Bad(number, $"the row is {RowFields.Describe(node)}; expected a JSON object of columns"))
                : throw Bad(number, "the row is null; expected a JSON object of columns");
        }
        catch (JsonException e)
        {
            throw NotJson(number, e);
        }
        catch (InvalidOperationException e) // half of a surrogate pair in a property's name
        {
            throw Bad(number, $"a column's name is not text: {e.Message}");
        }
    }

    private InvalidDataException NotJson(long number, JsonException e)
    {
        var reason = e.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.');
        var remedy = Path.GetExtension(_file).ToLowerInvariant() is ".csv" or ".tsv" || (number == 1 && e.BytePositionInLine is 0 or null)
            ? "rows are JSON (.json, .jsonl, .jsonl.gz) or parquet: convert the file, for example with pandas' to_json(orient=\"records\", lines=True)"
            : "a row is one whole JSON object: the file may be cut, so write or fetch it again";
        return Bad(number, $"not JSON ({reason}); {remedy}");
    }

    private InvalidDataException Bad(long number, string what) => new($"{_file}:{number}: {what}");

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    private ReadOnlyMemory<byte> Take(int length)
    {
        var taken = _buffer.AsMemory(_start, length);
        _start += length;
        return taken;
    }

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>Moves to the next byte that is not white space and returns it, or -1 at the end of the text.</summary>
    private int SkipWhiteSpace(long number)
    {
        do
        {
            var at = Unread.IndexOfAnyExcept(WhiteSpace);
            _start += at < 0 ? Unread.Length : at;
            if (at >= 0)
                return _buffer[_start];
        }
        while (Fill(number));
        return -1;
    }

    /// <summary>Reads more bytes behind the unread ones, growing the buffer when a row fills it; false at the end of the text.</summary>
    private bool Fill(long number)
    {
        if (_atEnd)
            return false;
        if (_start > 0)
        {
            Unread.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
        {
            if (_end >= LongestRow)
                throw Bad(number, $"the row is longer than {LongestRow >> 20} MiB; expected one object a line, or an array of objects");
            Array.Resize(ref _buffer, _end * 2);
        }
        try
        {
            var free = _buffer.AsSpan(_end); // a grown buffer is filled whole, so that a long row is not scanned again for every small read
            var count = _text.ReadAtLeast(free, _buffer.Length > FirstBuffer ? free.Length : 1, throwOnEndOfStream: false);
            _end += count;
            _atEnd = count == 0;
            return count > 0;
        }
        catch (InvalidDataException e)
        {
            throw Bad(number, $"{e.Message}; fetch or compress the file again");
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        _raw.Dispose();
    }
}
