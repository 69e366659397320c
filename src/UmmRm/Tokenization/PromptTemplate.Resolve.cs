using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace UmmRm.Tokenization;

/// <summary>The built-in formats, and how the format of a model is found and recorded.</summary>
public sealed partial record PromptTemplate
{
    /// <summary>The file of a model folder that records its template.</summary>
    public const string RecordFile = "reward.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The prompt followed by the response, nothing between.</summary>
    public static PromptTemplate Raw { get; } = new() { Name = "raw", User = "{content}", Assistant = "{content}", SingleTurn = true };

    /// <summary>The formats that have a name, <see cref="Raw"/> first.</summary>
    public static IReadOnlyList<PromptTemplate> BuiltIn { get; } =
    [
        Raw,
        new() // Stanford Alpaca and AlpacaFarm
        {
            Name = "alpaca",
            User = "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\n{content}\n\n",
            UserWithInput = "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request."
                + "\n\n### Instruction:\n{content}\n\n### Input:\n{input}\n\n",
            Assistant = "### Response:{content}",
            SingleTurn = true,
        },
        new() { Name = "coste", User = "<|prompter|>{content}<|endoftext|>", Assistant = "<|assistant|>{content}<|endoftext|>" }, // arXiv 2310.02743
        new() { Name = "hh", User = "\n\nHuman: {content}", Assistant = "\n\nAssistant: {content}" }, // Anthropic HH's own
        new() { Name = "world", User = "<bos> {content}", Assistant = " <sep> {content}", SingleTurn = true }, // the built-in world's words
    ];

    private static string Names => string.Join(", ", BuiltIn.Select(template => template.Name));

    /// <summary>
    /// The template to use: the one named, else the one that the model folder records, else <see cref="Raw"/>. A model folder that has a chat
    /// template and records nothing is refused: chat templates are not rendered.
    /// </summary>
    /// <param name="nameOrPath">A built-in format's name or a .json file with a format; null when none was named.</param>
    /// <param name="modelFolder">The model's folder; null when there is none.</param>
    /// <exception cref="ArgumentException">No built-in format has that name.</exception>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">A file is no format, or a chat template would be needed; the message names the file and the remedy.</exception>
    public static PromptTemplate Resolve(string? nameOrPath, string? modelFolder)
    {
        if (nameOrPath is not null)
            return Named(nameOrPath);
        if (modelFolder is null)
            return Raw;
        var record = Path.Combine(modelFolder, RecordFile);
        if (File.Exists(record) && Key(record, "template") is { } recorded)
            return FromJson(recorded, record);
        return ChatTemplateFile(modelFolder) is { } file ? throw NoChatTemplates(file) : Raw;
    }

    /// <summary>What a model folder records: the name of a built-in format, or the whole format.</summary>
    public JsonNode ToJson() => BuiltIn.Contains(this) ? JsonValue.Create(Name) : JsonSerializer.SerializeToNode(this, Json)!;

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">A built-in format's name or a format.</param>
    /// <param name="file">The file it stands in, for messages.</param>
    /// <exception cref="InvalidDataException">An unknown name or key, or a format without a place for the content; the message names the file.</exception>
    public static PromptTemplate FromJson(JsonNode json, string file)
    {
        if (json.GetValueKind() == JsonValueKind.String)
        {
            return BuiltIn.FirstOrDefault(template => template.Name == json.GetValue<string>())
                ?? throw new InvalidDataException($"{file}: the template '{json}' is unknown; expected {Names}, or an object with name, user and assistant");
        }
        try
        {
            var template = json.Deserialize<PromptTemplate>(Json)!;
            template.Validate();
            return template;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{file}: the template cannot be read: {e.Message}", e);
        }
    }

    private static PromptTemplate Named(string nameOrPath)
    {
        if (BuiltIn.FirstOrDefault(template => template.Name == nameOrPath) is { } builtIn)
            return builtIn;
        var extension = Path.GetExtension(nameOrPath).ToLowerInvariant();
        if (extension is not (".json" or ".jinja"))
            throw new ArgumentException($"template '{nameOrPath}' is unknown; expected {Names}, or a .json file with a format");
        if (!File.Exists(nameOrPath))
            throw new FileNotFoundException($"template file '{nameOrPath}' does not exist; expected {Names}, or a .json file with a format");
        return extension == ".jinja" ? throw NoChatTemplates(nameOrPath) : FromJson(Parse(nameOrPath), nameOrPath);
    }

    private static string? ChatTemplateFile(string modelFolder)
    {
        foreach (var name in (string[])["chat_template.jinja", "chat_template.json"])
        {
            if (File.Exists(Path.Combine(modelFolder, name)))
                return Path.Combine(modelFolder, name);
        }
        var config = Path.Combine(modelFolder, "tokenizer_config.json");
        return File.Exists(config) && Key(config, "chat_template") is not null ? config : null;
    }

    private static InvalidDataException NoChatTemplates(string file) =>
        new($"{file} holds a chat template, which this version does not render; name a plain format with --template {Names.Replace(", ", "|", StringComparison.Ordinal)}");

    private static JsonNode? Key(string file, string key) => Parse(file) is JsonObject values ? values[key] : throw new InvalidDataException($"{file}: expected a JSON object");

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
