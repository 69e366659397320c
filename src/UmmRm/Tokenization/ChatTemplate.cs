using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Jinja;

namespace UmmRm.Tokenization;

/// <summary>
/// A model's own chat template, rendered as transformers' <c>apply_chat_template</c> renders it: Jinja with trim_blocks and lstrip_blocks, <c>raise_exception</c>, <c>strftime_now</c>, break and continue, and Python's json.dumps as
/// <c>tojson</c>. Templates are other people's programs: they see nothing but the values below, cannot change them, and have limits of time, steps, output and depth.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> _body;

    private ChatTemplate(string name, string source, IReadOnlyList<Statement> body) => (Name, Source, _body) = (name, source, body);

    /// <summary>Where it comes from, for messages.</summary>
    public string Name { get; }

    /// <summary>The template as it was written.</summary>
    public string Source { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="name">Where it comes from.</param>
    /// <param name="text">The template.</param>
    /// <exception cref="InvalidDataException">It is no template; the message names it and the line.</exception>
    public static ChatTemplate Parse(string name, string text)
    {
        try
        {
            return new ChatTemplate(name, text, TemplateParser.Parse(text));
        }
        catch (TemplateException e)
        {
            throw new InvalidDataException($"{name}: {e.Message}", e);
        }
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">A list of objects with role and content.</param>
    /// <param name="addGenerationPrompt">Whether the beginning of the assistant's next turn is written at the end.</param>
    /// <param name="values">Further names, such as bos_token and eos_token. tools and documents are None unless given.</param>
    /// <exception cref="InvalidDataException">The template complains about the messages, is wrong, or passes a limit; the message names it and the line.</exception>
    public string Render(JsonArray messages, bool addGenerationPrompt, IEnumerable<KeyValuePair<string, JsonNode?>> values)
    {
        var names = new Dictionary<string, object?> { ["tools"] = null, ["documents"] = null };
        foreach (var (name, value) in values)
            names[name] = Value(value);
        names["messages"] = Value(messages);
        names["add_generation_prompt"] = addGenerationPrompt;
        try
        {
            return new Interpreter().Render(_body, names);
        }
        catch (TemplateException e)
        {
            throw new InvalidDataException($"{Name}: {e.Message}", e);
        }
    }

    /// <summary>Writes the template into a model's folder, where transformers looks first.</summary>
    public void Save(string modelFolder) => File.WriteAllText(Path.Combine(modelFolder, ChatTemplateFile.FileName), Source);

    private static object? Value(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => array.Select(Value).ToList(),
        JsonObject map => Map(map),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => node.GetValue<string>(),
            _ => long.TryParse(node.ToJsonString(), out var whole) ? whole : node.GetValue<double>(),
        },
    };

    private static OrderedDictionary<object, object?> Map(JsonObject map)
    {
        var values = new OrderedDictionary<object, object?>();
        foreach (var (key, value) in map)
            values[key] = Value(value);
        return values;
    }
}
