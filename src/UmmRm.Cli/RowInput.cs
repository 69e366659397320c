using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using UmmRm.Data;

namespace UmmRm.Cli;

/// <summary>Rows for a verb that answers each of them: from a file, or as lines from stdin.</summary>
internal static class RowInput
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The rows, read as they are asked for.</summary>
    /// <param name="path">A data source, or <c>-</c> or null for stdin.</param>
    /// <param name="invocation">Whose stdin.</param>
    /// <exception cref="FileNotFoundException">There is no such file; thrown at once.</exception>
    /// <exception cref="InvalidDataException">There is no row; thrown when all is read.</exception>
    public static IEnumerable<DataRow> Open(string? path, Invocation invocation)
    {
        if (path is null or "-")
            return NotEmpty(Lines(invocation.Terminal.Input), "standard input");
        var source = invocation.Rows(path);
        source.Files();
        return NotEmpty(source.Rows(), source.ToString());
    }

    private static IEnumerable<DataRow> NotEmpty(IEnumerable<DataRow> rows, string name)
    {
        var any = false;
        foreach (var row in rows)
        {
            any = true;
            yield return row;
        }
        if (!any)
            throw new InvalidDataException($"{name}: there are no rows; expected JSON objects, one a line");
    }

    private static IEnumerable<DataRow> Lines(Stream input)
    {
        var batches = new LineBatches(input);
        long number = 0;
        while (batches.Next() is { Count: > 0 } lines)
        {
            foreach (var whole in lines)
            {
                number++;
                var line = number == 1 && whole.Span.StartsWith("\uFEFF"u8) ? whole[3..] : whole; // a byte order mark
                if (line.Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
                    yield return Parse(line.Span, number);
            }
        }
    }

    private static DataRow Parse(ReadOnlySpan<byte> line, long number)
    {
        if (!Utf8.IsValid(line))
            throw new InvalidDataException($"-:{number}: the line is not UTF-8; rows are JSON objects in UTF-8, one a line");
        try
        {
            return new DataRow("-", number, JsonNode.Parse(line, null, Strict) as JsonObject ?? throw new InvalidDataException($"-:{number}: the line is no JSON object; expected one object a line"));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"-:{number}: the line is not JSON ({e.Message.Split(" LineNumber: ")[0].TrimEnd('.')}); expected one object a line", e);
        }
    }
}
