using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace UmmRm.Tokenization;

/// <summary>How the format of a model is found and recorded.</summary>
public abstract partial record PromptTemplate
{
    /// <summary>The file of a model folder that records its template.</summary>
    public const string RecordFile = "reward.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static string Names => string.Join(", ", PlainTemplate.BuiltIn.Select(template => template.Name)) + $", {ChatPromptTemplate.OwnName}";

    /// <summary>The template to use: the one named, else the one that the model folder records, else the folder's chat template, else <see cref="PlainTemplate.Raw"/>.</summary>
    /// <param name="nameOrPath">A built-in format's name, <c>chat</c> for the folder's chat template, a .jinja file with a chat template or a .json file with a plain format; null when none was named.</param>
    /// <param name="modelFolder">The model's folder; null when there is none.</param>
    /// <exception cref="ArgumentException">No built-in format has that name, or <c>chat</c> is named and there is no folder.</exception>
    /// <exception cref="FileNotFoundException">No such file, or the folder has no chat template.</exception>
    /// <exception cref="InvalidDataException">A file is no format; the message names it.</exception>
    public static PromptTemplate Resolve(string? nameOrPath, string? modelFolder)
    {
        if (nameOrPath is not null)
            return Named(nameOrPath, modelFolder);
        if (modelFolder is null)
            return PlainTemplate.Raw;
        var record = Path.Combine(modelFolder, RecordFile);
        if (File.Exists(record) && Recorded(record) is { } recorded)
            return recorded.ToString() == ChatPromptTemplate.OwnName ? ChatPromptTemplate.Load(modelFolder) : FromJson(recorded, record);
        return ChatTemplateFile.IsIn(modelFolder) ? ChatPromptTemplate.Load(modelFolder) : PlainTemplate.Raw;
    }

    /// <summary>What a model folder records: the name of a built-in format, <c>chat</c>, or the whole plain format.</summary>
    public JsonNode ToJson() => this is PlainTemplate plain && !PlainTemplate.BuiltIn.Contains(plain) ? JsonSerializer.SerializeToNode(plain, Json)! : JsonValue.Create(Name);

    /// <summary>Reads what <see cref="ToJson"/> wrote of a plain format.</summary>
    /// <param name="json">A built-in format's name or a format.</param>
    /// <param name="file">The file it stands in, for messages.</param>
    /// <exception cref="InvalidDataException">An unknown name or key, or a format without a place for the content; the message names the file.</exception>
    public static PlainTemplate FromJson(JsonNode json, string file)
    {
        if (json.GetValueKind() == JsonValueKind.String)
        {
            return PlainTemplate.BuiltIn.FirstOrDefault(template => template.Name == json.GetValue<string>())
                ?? throw new InvalidDataException($"{file}: the template '{json}' is unknown; expected {Names}, or an object with name, user and assistant");
        }
        try
        {
            var template = json.Deserialize<PlainTemplate>(Json)!;
            template.Validate();
            return template;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{file}: the template cannot be read: {e.Message}", e);
        }
    }

    private static PromptTemplate Named(string nameOrPath, string? modelFolder)
    {
        if (nameOrPath == ChatPromptTemplate.OwnName)
        {
            return modelFolder is null
                ? throw new ArgumentException($"template '{ChatPromptTemplate.OwnName}' is a model folder's own, and there is no folder here; name a .jinja file instead")
                : ChatPromptTemplate.Load(modelFolder);
        }
        if (PlainTemplate.BuiltIn.FirstOrDefault(template => template.Name == nameOrPath) is { } builtIn)
            return builtIn;
        var extension = Path.GetExtension(nameOrPath).ToLowerInvariant();
        if (extension is not (".json" or ".jinja"))
            throw new ArgumentException($"template '{nameOrPath}' is unknown; expected {Expected}");
        if (!File.Exists(nameOrPath))
            throw new FileNotFoundException($"template file '{nameOrPath}' does not exist; expected {Expected}");
        return extension == ".jinja" ? ChatPromptTemplate.Load(nameOrPath, modelFolder) : FromJson(Parse(nameOrPath), nameOrPath);
    }

    private static string Expected => $"{Names}, a .jinja file with a chat template, or a .json file with a plain format";

    private static JsonNode? Recorded(string file) => Parse(file) is JsonObject values ? values["template"] : throw new InvalidDataException($"{file}: expected a JSON object");

    private static JsonNode Parse(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) ?? throw new InvalidDataException($"{file}: it is null; expected a JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: it is not JSON: {e.Message}", e);
        }
    }
}
