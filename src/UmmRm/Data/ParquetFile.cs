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
        var reader = Guard(file, "the file", () => ParquetReader.CreateAsync(stream, Options, leaveStreamOpen: true).GetAwaiter().GetResult());
        var all = Guard(file, "the schema", () => reader.Schema.Fields);
        var fields = all.Where(field => columns?.Contains(field.Name) ?? true).ToList();
        if (fields.Count == 0)
            fields = [.. all]; // none of the wanted ones: the caller shall see what there is
        long number = 0;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            foreach (var row in RowsOfGroup(file, reader, group, fields))
                yield return new DataRow(file, ++number, row);
        }
    }

    private static List<JsonObject> RowsOfGroup(string file, ParquetReader reader, int group, List<Field> fields)
    {
        using var source = Guard(file, $"row group {group}", () => reader.OpenRowGroupReader(group));
        var rows = new List<JsonObject>();
        foreach (var field in fields)
        {
            Guard(file, $"column {field.Name} of row group {group}", () =>
            {
                using var column = new ParquetColumn(field, leaf => source.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult());
                for (var i = 0; i < source.RowCount; i++)
                {
                    var value = column.Next(); // first: a file that lies about its count ends here, before memory is spent on it
                    if (rows.Count == i)
                        rows.Add([]);
                    rows[i][field.Name] = value;
                }
                return rows;
            });
        }
        return rows;
    }

    /// <summary>Runs a piece of reading; whatever a damaged file makes Parquet.Net throw becomes one clear error.</summary>
    private static T Guard<T>(string file, string part, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
        {
            throw new InvalidDataException($"{file}: {part} cannot be read as parquet: {e.Message.TrimEnd('.')}. If the file was cut or damaged, fetch it again", e);
        }
    }
}
