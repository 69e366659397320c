using System.Text.Json;
using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Serving;

/// <summary>Reads the fields that the protocols have in common, and says which one is wrong.</summary>
internal static class RequestFields
{
    /// <summary>A field, or null when it is absent or null.</summary>
    public static JsonElement? Field(this JsonElement body, params ReadOnlySpan<string> names)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw RequestException.Unprocessable($"the body is {Kind(body)}; expected a JSON object");
        try
        {
            foreach (var name in names)
            {
                if (body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                    return value;
            }
            return null;
        }
        catch (InvalidOperationException)
        {
            throw RequestException.Unprocessable("a key holds half of a surrogate pair (an escape such as \\ud83d alone); expected well-formed text");
        }
    }

    /// <summary>A field that must be there.</summary>
    public static JsonElement Required(this JsonElement body, params ReadOnlySpan<string> names) =>
        body.Field(names) ?? throw RequestException.Unprocessable($"{names[0]} is missing");

    /// <summary>The model's name, or null.</summary>
    public static string? Model(this JsonElement body) => body.Field("model") is { } model ? model.Text("model") : null;

    /// <summary>true or false; null when it is absent.</summary>
    public static bool? Flag(this JsonElement body, params ReadOnlySpan<string> names) => body.Field(names) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw RequestException.Unprocessable($"{names[0]} is {Kind(other)}; expected true or false"),
    };

    /// <summary>A text.</summary>
    public static string Text(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw RequestException.Unprocessable($"{name} is {Kind(value)}; expected a text");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw RequestException.Unprocessable($"{name} holds half of a surrogate pair (an escape such as \\ud83d alone); expected well-formed text");
        }
    }

    /// <summary>A list of texts.</summary>
    public static IReadOnlyList<string> TextList(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw RequestException.Unprocessable($"{name} is {Kind(value)}; expected a list of texts");
        return [.. value.EnumerateArray().Select((text, i) => text.Text($"{name}[{i}]"))];
    }

    /// <summary>A text or a list of texts.</summary>
    public static IReadOnlyList<string> OneOrMore(this JsonElement value, string name) => value.ValueKind == JsonValueKind.String ? [value.Text(name)] : value.TextList(name);

    /// <summary>What vLLM takes as input: a text, texts, one text's token ids, or lists of token ids.</summary>
    public static IReadOnlyList<AskedText> Input(this JsonElement value, string name, bool addSpecialTokens)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Number)
            return [new AskedText { Ids = Ids(value, name) }];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray().Select((ids, i) => new AskedText { Ids = Ids(ids, $"{name}[{i}]") })];
        return [.. value.OneOrMore(name).Select(text => new AskedText { Text = text, AddSpecialTokens = addSpecialTokens })];
    }

    /// <summary>A conversation whose last turn is the response that is scored.</summary>
    public static AskedText Conversation(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < 2)
            throw RequestException.Unprocessable($"{name} must be a list of at least two turns: a prompt, and the assistant's response that is scored");
        Message[] turns = [.. value.EnumerateArray().Select((turn, i) => new Message(turn.Required("role").Text($"{name}[{i}].role"), Content(turn.Required("content"), $"{name}[{i}].content")))];
        if (turns[^1].Role != "assistant")
            throw RequestException.Unprocessable($"the last turn of {name} is {turns[^1].Role}'s; the reward is that of a response: end with an assistant's turn");
        return new AskedText { Completion = new Completion(new Conversation(turns[..^1]), turns[^1].Content) };
    }

    private static string Content(JsonElement value, string name) => value.ValueKind != JsonValueKind.Array ? value.Text(name) : string.Concat(value.EnumerateArray().Select((part, i) =>
        part.Field("type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("text")
            ? part.Required("text").Text($"{name}[{i}].text")
            : throw RequestException.Unprocessable($"{name}[{i}] is no text part; a reward model here reads text alone")));

    private static int[] Ids(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw RequestException.Unprocessable($"{name} is {Kind(value)}; expected a list of token ids");
        return [.. value.EnumerateArray().Select((id, i) => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) ? number : throw RequestException.Unprocessable($"{name}[{i}] is no token id"))];
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => value.ValueKind.ToString().ToLowerInvariant(),
    };
}
