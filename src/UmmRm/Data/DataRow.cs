using System.Text.Json.Nodes;

namespace UmmRm.Data;

/// <summary>One row of a data file, whatever the file's format: its fields as JSON, in the file's order.</summary>
/// <param name="File">The file's path as it was named, or <c>-</c> for lines of standard input.</param>
/// <param name="Number">1-based: the line of a JSONL file (blank lines count, but are no rows), the element of a JSON array, the row of a parquet file.</param>
/// <param name="Fields">The columns; a null value is a JSON null, a missing column is absent.</param>
public sealed record DataRow(string File, long Number, JsonObject Fields)
{
    /// <summary>File name and number, such as <c>train.jsonl.gz:17</c>: how messages name the row.</summary>
    public string Origin => $"{Path.GetFileName(File)}:{Number}";
}
