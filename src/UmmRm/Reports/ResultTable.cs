using System.Globalization;
using System.Text;
using System.Text.Json;

namespace UmmRm.Reports;

/// <summary>A column: its title and the side on which its cells are flush.</summary>
/// <param name="Title">The heading, which is also the key in JSON.</param>
/// <param name="RightAligned">true for numbers.</param>
public sealed record TableColumn(string Title, bool RightAligned = false);

/// <summary>Results as rows and columns of plain data: aligned text for a terminal, Markdown for a report, objects for JSON.</summary>
/// <param name="columns">The columns from left to right.</param>
public sealed class ResultTable(params TableColumn[] columns)
{
    private readonly List<TableCell[]> _rows = [];

    /// <summary>The columns from left to right.</summary>
    public IReadOnlyList<TableColumn> Columns => columns;

    /// <summary>The rows from top to bottom; each has one cell a column.</summary>
    public IReadOnlyList<IReadOnlyList<TableCell>> Rows => _rows;

    /// <summary>Adds a row below the others.</summary>
    /// <exception cref="ArgumentException">There are not as many cells as columns.</exception>
    public void Add(params TableCell[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"a row of {cells.Length} cells was given to a table of {columns.Length} columns ({string.Join(", ", columns.Select(c => c.Title))})");
        _rows.Add(cells);
    }

    /// <summary>The table as lines of aligned text, two spaces between columns; every line ends with a line feed.</summary>
    public string ToText()
    {
        var widths = Widths(text => text);
        var text = new StringBuilder();
        AppendTextLine(text, columns.Select((column, i) => Pad(column.Title, widths[i], column.RightAligned)));
        AppendTextLine(text, widths.Select(width => new string('-', width)));
        foreach (var row in _rows)
            AppendTextLine(text, row.Select((cell, i) => Pad(cell.Text, widths[i], columns[i].RightAligned)));
        return text.ToString();
    }

    /// <summary>The table in GitHub's Markdown, padded so that it reads well as plain text too; every line ends with a line feed.</summary>
    public string ToMarkdown()
    {
        var widths = Widths(Escape).Select(width => Math.Max(width, 3)).ToArray();
        var text = new StringBuilder();
        AppendMarkdownLine(text, columns.Select((column, i) => Pad(Escape(column.Title), widths[i], column.RightAligned)));
        AppendMarkdownLine(text, columns.Select((column, i) => new string('-', widths[i] - 1) + (column.RightAligned ? ':' : '-')));
        foreach (var row in _rows)
            AppendMarkdownLine(text, row.Select((cell, i) => Pad(Escape(cell.Text), widths[i], columns[i].RightAligned)));
        return text.ToString();
    }

    /// <summary>Writes a JSON array with an object a row: numbers as numbers, a number with its interval as <c>{"value", "interval": [low, high]}</c>, texts as strings.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var row in _rows)
        {
            json.WriteStartObject();
            for (var i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(columns[i].Title);
                row[i].WriteJson(json);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private int[] Widths(Func<string, string> written) =>
        [.. columns.Select((column, i) => _rows.Select(row => Width(written(row[i].Text))).Append(Width(written(column.Title))).Max())];

    private static void AppendTextLine(StringBuilder text, IEnumerable<string> cells) => text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');

    private static void AppendMarkdownLine(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Pad(string text, int width, bool right)
    {
        var space = new string(' ', width - Width(text));
        return right ? space + text : text + space;
    }

    /// <summary>Letters as a reader counts them: an accent written apart belongs to its letter.</summary>
    private static int Width(string text) => new StringInfo(text).LengthInTextElements;

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
