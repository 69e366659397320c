using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace UmmRm.Reports;

/// <summary>One line of metrics.jsonl: what was measured at one step of one stage.</summary>
/// <param name="Step">The optimiser step within the stage, from 1; 0 is before training.</param>
/// <param name="Time">When it was measured, UTC.</param>
/// <param name="Stage">The stage's name in the recipe.</param>
/// <param name="Metrics">Names and values in the order of the line. A value may be NaN or infinite.</param>
public sealed record MetricLine(long Step, DateTimeOffset Time, string Stage, IReadOnlyList<KeyValuePair<string, double>> Metrics)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Names that a metric cannot have, because the line itself uses them.</summary>
    internal static readonly string[] Reserved = ["step", "time", "stage"];

    /// <summary>
    /// The line as one JSON object without a line end: step, time, stage, then the metrics. JSON has no NaN: it and the infinities are
    /// the strings "NaN", "Infinity" and "-Infinity", which JavaScript's Number() and Python's float() both read.
    /// </summary>
    internal byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteNumber("step", Step);
            json.WriteString("time", Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("stage", Stage);
            foreach (var (name, value) in Metrics)
            {
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="text">The line, UTF-8.</param>
    /// <param name="origin">File and line number, for the message.</param>
    /// <exception cref="InvalidDataException">The line is something else.</exception>
    internal static MetricLine Parse(ReadOnlyMemory<byte> text, string origin)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var line = document.RootElement;
            var time = DateTimeOffset.ParseExact(line.GetProperty("time").GetString()!, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var metrics = line.EnumerateObject().Where(p => !Reserved.Contains(p.Name)).Select(p => KeyValuePair.Create(p.Name, Value(p.Value))).ToArray();
            return new MetricLine(line.GetProperty("step").GetInt64(), time, line.GetProperty("stage").GetString() ?? throw new FormatException("its stage is null"), metrics);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentNullException)
        {
            throw new InvalidDataException($"{origin}: not a line of metrics ({e.Message}); expected {{\"step\": .., \"time\": .., \"stage\": .., metrics ..}}. Move the file away to start a new log", e);
        }
    }

    private static double Value(JsonElement element) => element.ValueKind == JsonValueKind.String
        ? double.Parse(element.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture) // NaN, Infinity, -Infinity
        : element.GetDouble();
}
