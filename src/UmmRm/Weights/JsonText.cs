using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace UmmRm.Weights;

/// <summary>JSON files as a model folder has them: objects, indented by two, ending with a newline.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions Records = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    };

    /// <summary>The text of a JSON file.</summary>
    public static string Write(JsonNode node) => node.ToJsonString(Indented) + "\n";

    /// <summary>Reads a file that must hold one JSON object.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, or not an object, or has a key twice.</exception>
    public static JsonObject ReadObject(string path) => ParseObject(File.ReadAllText(path), path);

    /// <summary>Parses a text that must be one JSON object.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">What messages call it: a path.</param>
    public static JsonObject ParseObject(string text, string where)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Strict) as JsonObject ?? throw new InvalidDataException($"{where}: expected a JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{where}: not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Reads a record of ours (snake_case keys), or null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, lacks a key or has an unknown one.</exception>
    public static T? ReadRecord<T>(string path)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Records) ?? throw new InvalidDataException($"{path}: expected a JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Writes a record of ours, whole or not at all.</summary>
    public static void WriteRecord<T>(string path, T record) => AtomicFile.WriteText(path, Write(JsonSerializer.SerializeToNode(record, Records)!));

    /// <summary>A number with a decimal point, so that Python reads a float and not an int.</summary>
    public static JsonNode Float(double value)
    {
        var text = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0")!;
    }
}
