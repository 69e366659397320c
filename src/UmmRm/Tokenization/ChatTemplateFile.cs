using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Tokenization;

/// <summary>Where chat templates lie: a .jinja file, chat_template.jinja or chat_template.json beside a model, or tokenizer_config.json, in which there may be several with names.</summary>
public static class ChatTemplateFile
{
    /// <summary>The file of a template that lies beside a model.</summary>
    public const string FileName = "chat_template.jinja";

    private const string Config = "tokenizer_config.json";

    /// <summary>Whether a model's folder holds a chat template.</summary>
    /// <exception cref="InvalidDataException">tokenizer_config.json or chat_template.json is damaged.</exception>
    public static bool IsIn(string folder) => Text(folder) is not null;

    /// <summary>Reads a template and the special tokens that it is rendered with.</summary>
    /// <param name="path">A template's file, or a model's folder.</param>
    /// <param name="modelFolder">For a file: the folder that names the special tokens; null: there are none.</param>
    /// <returns>The template; <c>bos_token</c>, <c>eos_token</c>, ... of the folder, as far as it names them.</returns>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is no template, or tokenizer_config.json is damaged.</exception>
    public static (ChatTemplate Template, IReadOnlyDictionary<string, JsonNode?> SpecialTokens) Load(string path, string? modelFolder = null)
    {
        if (File.Exists(path))
            return (ChatTemplate.Parse(path, File.ReadAllText(path)), SpecialTokens(modelFolder));
        var (name, text) = Text(path) ?? throw new FileNotFoundException($"{path} holds no chat template; expected a template's file, or a folder with {FileName}, chat_template.json, or chat_template in {Config}", path);
        return (ChatTemplate.Parse(name, text), SpecialTokens(path));
    }

    private static Dictionary<string, JsonNode?> SpecialTokens(string? folder) => Settings(folder).Where(pair => pair.Key.EndsWith("_token", StringComparison.Ordinal)).Select(pair => (pair.Key, Value: Token(pair.Value)))
        .Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value);

    private static JsonObject Settings(string? folder) => folder is not null && Path.Combine(folder, Config) is var config && File.Exists(config) ? Json(config) : [];

    private static (string Name, string Text)? Text(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (File.Exists(file))
            return (file, File.ReadAllText(file));
        var json = Path.Combine(folder, "chat_template.json");
        if (File.Exists(json) && Named(Json(json)["chat_template"]) is { } own)
            return (json, own);
        return Named(Settings(folder)["chat_template"]) is { } text ? (Path.Combine(folder, Config), text) : null;
    }

    /// <summary>One template, or the one called default of several.</summary>
    private static string? Named(JsonNode? value) => value switch
    {
        JsonArray several => several.OfType<JsonObject>().FirstOrDefault(one => one["name"]?.ToString() == "default")?["template"]?.ToString(),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => null,
    };

    private static JsonNode? Token(JsonNode? value) => value is JsonObject added ? added["content"]?.DeepClone() : value?.GetValueKind() == JsonValueKind.String ? value.DeepClone() : null;

    private static JsonObject Json(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new InvalidDataException($"{path}: it is no JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: it is not JSON: {e.Message}", e);
        }
    }
}
