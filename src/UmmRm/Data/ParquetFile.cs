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
        var fields = reader.Schema.Fields.Where(field => columns?.Contains(field.Name) ?? true).ToList();
        if (fields.Count == 0)
            fields = [.. reader.Schema.Fields]; // none of the wanted ones: the caller shall see what there is
        long number = 0;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            foreach (var row in Guard(file, $"row group {group}", () => RowsOfGroup(file, reader, group, fields)))
                yield return new DataRow(file, ++number, row);
        }
    }

    private static List<JsonObject> RowsOfGroup(string file, ParquetReader reader, int group, List<Field> fields)
    {
        using var source = reader.OpenRowGroupReader(group);
        if (source.RowCount is < 0 or > int.MaxValue)
            throw new InvalidDataException($"{file}: row group {group} says that it has {source.RowCount} rows");
        var rows = new List<JsonObject>();
        foreach (var field in fields)
        {
            var column = Guard(file, $"column {field.Name}", () => new ParquetColumn(field, leaf => source.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult()));
            using (column)
            {
                Guard(file, $"column {field.Name}", () => Fill(rows, field.Name, column, (int)source.RowCount));
            }
        }
        return rows;
    }

    private static int Fill(List<JsonObject> rows, string name, ParquetColumn column, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (rows.Count == i)
                rows.Add([]);
            rows[i][name] = column.Next();
        }
        return count;
    }

    /// <summary>Runs a piece of reading; whatever a damaged file makes Parquet.Net throw becomes one clear error.</summary>
    private static T Guard<T>(string file, string part, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (InvalidDataException or FileNotFoundException))
        {
            throw new InvalidDataException($"{file}: {part} cannot be read as parquet ({e.Message.TrimEnd('.')}); the file may be cut or corrupt, so fetch it again", e);
        }
    }
}
