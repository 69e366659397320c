using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace UmmRm.Data;

/// <summary>
/// Reads parquet files row by row, one row group in memory at a time. Columns are read raw and put together here, because Parquet.Net's
/// typed reader gives nulls, silently, for lists whose child is named <c>item</c>.
/// </summary>
internal static class ParquetFile
{
    /// <summary>Values of one column of one row group that are read; published files have up to a few millions.</summary>
    private const long MostValues = 1 << 26;

    private static readonly ParquetOptions Options = new() { TreatByteArrayAsString = true };

    /// <summary>Whether a file is taken for parquet: by its name.</summary>
    public static bool IsNameOf(string file) => file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>The rows of a file.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="columns">The columns to read, those that the file has; null for all.</param>
    /// <exception cref="InvalidDataException">The file is cut, corrupt, or has a column of a type that is not read; the message names file and column.</exception>
    public static IEnumerable<DataRow> Read(string file, IReadOnlyCollection<string>? columns)
    {
        using var stream = File.OpenRead(file);
        var patience = TimeSpan.FromSeconds(20 + (stream.Length >> 20));
        var (reader, schema) = Guard(file, "the file", patience, () =>
        {
            CheckEnds(stream);
            var reader = ParquetReader.CreateAsync(stream, Options, leaveStreamOpen: true).GetAwaiter().GetResult();
            return (reader, reader.Schema.Fields);
        });
        var fields = schema.Where(field => columns?.Contains(field.Name) ?? true).ToList();
        if (fields.Count == 0)
            fields = [.. schema]; // none of the wanted ones: the caller shall see what there is
        long number = 0;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var rows = new List<JsonObject>();
            foreach (var field in fields)
                Guard(file, $"column {field.Name} of row group {group}", patience, () => AddColumn(reader, group, field, rows));
            foreach (var row in rows)
                yield return new DataRow(file, ++number, row);
        }
    }

    private static List<JsonObject> AddColumn(ParquetReader reader, int group, Field field, List<JsonObject> rows)
    {
        using var source = reader.OpenRowGroupReader(group);
        using var column = new ParquetColumn(field, leaf => source.GetMetadata(leaf)?.MetaData?.NumValues is null or < 0 or > MostValues
            ? throw new InvalidDataException($"it says that it has {source.GetMetadata(leaf)?.MetaData?.NumValues} values; up to {MostValues} are read, so write the file with smaller row groups")
            : source.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult());
        for (var i = 0; i < source.RowCount; i++)
        {
            var value = column.Next(); // first: a file that lies about its count ends here, before memory is spent on it
            if (rows.Count == i)
                rows.Add([]);
            rows[i][field.Name] = value;
        }
        return rows;
    }

    /// <summary>Checks what stands at both ends, before memory is spent on a footer length that cannot be true.</summary>
    private static void CheckEnds(FileStream stream)
    {
        Span<byte> head = stackalloc byte[4], tail = stackalloc byte[8];
        if (stream.Length < 12)
            throw new InvalidDataException($"it has {stream.Length} bytes, too few for a parquet file");
        stream.ReadExactly(head);
        stream.Seek(-8, SeekOrigin.End);
        stream.ReadExactly(tail);
        var footer = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (!head.SequenceEqual("PAR1"u8) || !tail[4..].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("it does not begin and end with PAR1");
        if (footer > stream.Length - 12)
            throw new InvalidDataException($"its footer is said to have {footer} of the file's {stream.Length} bytes");
        stream.Position = 0;
    }

    /// <summary>
    /// Runs a piece of reading; whatever a damaged file makes Parquet.Net do becomes one clear error. Some damaged footers make it loop for
    /// ever, so the piece runs on a thread of its own and is given up on after a while.
    /// </summary>
    internal static T Guard<T>(string file, string part, TimeSpan patience, Func<T> read)
    {
        try
        {
            return Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(patience).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            var reason = e is TimeoutException ? $"reading it did not end within {patience.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            throw new InvalidDataException($"{file}: {part} cannot be read as parquet: {reason}. If the file was cut or damaged, fetch it again", e);
        }
    }
}
