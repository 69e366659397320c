using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>A report on the disk: the page, the same numbers as JSON beside it, and a folder with every figure as SVG and PNG and every figure's and table's numbers as CSV. Each file appears whole or not at all.</summary>
public static class ReportFiles
{
    private const double FigureWidth = 860;
    private static readonly JsonWriterOptions Json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where the JSON lies.</summary>
    public static string JsonPath(string page) => Path.ChangeExtension(page, ".json");

    /// <summary>Where figures and CSV lie.</summary>
    public static string FigureFolder(string page) => $"{Path.ChangeExtension(page, null)}-figures";

    /// <summary>Writes everything.</summary>
    /// <param name="report">What is reported.</param>
    /// <param name="page">The page's path.</param>
    /// <param name="shiftMinimum">Curves the paper's way.</param>
    /// <param name="reload">Seconds after which the page loads itself again, for a run that goes on; null for one that stays.</param>
    /// <returns>Why there are no PNG files, or null when there are.</returns>
    public static string? Write(RunReport report, string page, bool shiftMinimum = false, int? reload = null) => Write(report, new ReportContent(report, shiftMinimum), page, reload);

    /// <summary>The same for content that was laid out before.</summary>
    public static string? Write(RunReport report, ReportContent content, string page, int? reload = null)
    {
        var folder = FigureFolder(page);
        Directory.CreateDirectory(folder);
        var obstacle = PngWriter.Obstacle;
        foreach (var figure in content.Figures)
        {
            var path = Path.Combine(folder, content.FileNameOf(figure));
            WriteText($"{path}.svg", SvgWriter.ToFile(figure, FigureWidth));
            WriteText($"{path}.csv", Csv(figure.Numbers()));
            if (obstacle is null && reload is null) // while a run goes on, the pictures wait for its end
                Place($"{path}.png", PngWriter.ToFile(figure, FigureWidth));
        }
        foreach (var table in content.Tables)
            WriteText($"{Path.Combine(folder, content.FileNameOf(table))}.csv", Csv(table.Table));
        Place(JsonPath(page), ToJson(report, content));
        WriteText(page, HtmlReport.Write(report, content, reload));
        return obstacle;
    }

    /// <summary>A report's numbers as one JSON document.</summary>
    public static byte[] ToJson(RunReport report, ReportContent content)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("run", Path.GetFullPath(report.Folder));
            json.WriteString("recipe", report.Title);
            json.WriteString("status", report.Status);
            json.WriteStartObject("facts");
            foreach (var (name, value) in report.Facts)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartObject("found");
            foreach (var point in report.Points)
                json.WriteString(point.Name.Length == 0 ? "run" : point.Name, $"{point.Words} {point.Comparison}".Trim());
            json.WriteEndObject();
            json.WriteStartObject("figures");
            foreach (var figure in content.Figures)
                WriteFigure(json, content.FileNameOf(figure), figure);
            json.WriteEndObject();
            json.WriteStartObject("tables");
            foreach (var table in content.Tables)
            {
                json.WritePropertyName(content.FileNameOf(table));
                table.Table.WriteJson(json);
            }
            json.WriteEndObject();
            json.WritePropertyName("samples");
            WriteSamples(json, report);
            json.WriteString("resolved_recipe", report.Recipe);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteFigure(Utf8JsonWriter json, string name, IFigure figure)
    {
        var numbers = figure.Numbers();
        json.WriteStartObject(name);
        json.WriteString("title", figure.Title);
        json.WriteString("caption", figure.Caption);
        json.WriteStartArray("rows");
        foreach (var row in numbers.Rows)
        {
            json.WriteStartObject();
            foreach (var (column, value) in numbers.Columns.Zip(row))
            {
                if (value is double number && double.IsFinite(number))
                    json.WriteNumber(column, number);
                else if (value is string text)
                    json.WriteString(column, text);
                else
                    json.WriteNull(column);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSamples(Utf8JsonWriter json, RunReport report)
    {
        json.WriteStartArray();
        foreach (var (point, method) in report.Points.SelectMany(point => point.Methods.Select(method => (point, method))))
        {
            foreach (var sample in method.Samples)
            {
                json.WriteStartObject();
                if (point.Name.Length > 0)
                    json.WriteString("at", point.Name);
                json.WriteString("method", method.Name);
                json.WriteString("prompt", sample.Prompt);
                foreach (var (when, answer) in new[] { ("start", sample.Start), ("peak", sample.Peak), ("end", sample.End) })
                {
                    if (answer is null)
                        continue;
                    json.WriteStartObject(when);
                    json.WriteString("response", answer.Text);
                    json.WriteNumber("step", answer.Step);
                    json.WriteNumber("proxy", answer.Proxy);
                    if (answer.Gold is { } gold)
                        json.WriteNumber("gold", gold);
                    json.WriteBoolean("ended", answer.Ended);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }

    private static string Csv(FigureTable table) => Csv(table.Columns, table.Rows.Select(row => row.Select(value => value switch
    {
        double number => Number(number),
        string text => text,
        _ => "",
    })));

    /// <summary>A table's numbers; a number with an interval takes three columns where any row of its column has one.</summary>
    internal static string Csv(ResultTable table)
    {
        var intervals = table.Columns.Index().Select(column => table.Rows.Any(row => row[column.Index].Interval is not null)).ToList();
        var columns = table.Columns.Index().SelectMany(column => intervals[column.Index] ? new[] { column.Item.Title, $"{column.Item.Title} low", $"{column.Item.Title} high" } : [column.Item.Title]);
        return Csv([.. columns], table.Rows.Select(row => row.Index().SelectMany(cell => intervals[cell.Index]
            ? [Value(cell.Item), Number(cell.Item.Interval?.Low), Number(cell.Item.Interval?.High)]
            : new[] { Value(cell.Item) })));
    }

    private static string Csv(IReadOnlyList<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        var text = new StringBuilder().AppendJoin(',', columns.Select(Quoted)).Append('\n');
        foreach (var row in rows)
            text.AppendJoin(',', row.Select(Quoted)).Append('\n');
        return text.ToString();
    }

    private static string Value(TableCell cell) => cell.Value is null ? cell.Text : Number(cell.Value);

    private static string Number(double? number) => number is { } value && double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static void WriteText(string path, string text) => Place(path, Encoding.UTF8.GetBytes(text));

    private static void Place(string path, byte[] bytes)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
