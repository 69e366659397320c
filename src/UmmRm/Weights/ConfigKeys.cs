using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Weights;

/// <summary>Typed reading of a configuration's keys, with messages that name the file, the key and the value found.</summary>
/// <param name="json">The object.</param>
/// <param name="where">What messages call it: the file's path, with the outer key where the object is nested.</param>
internal sealed class ConfigKeys(JsonObject json, string where)
{
    /// <summary>Whether the key is there with a value other than null.</summary>
    public bool Has(string key) => json[key] is not null;

    /// <summary>Whether the key is not there at all: transformers then takes its own default, which an explicit null does not.</summary>
    public bool Absent(string key) => !json.ContainsKey(key);

    /// <summary>A whole number that must be there.</summary>
    public int Int(string key) => OptionalInt(key) ?? throw new InvalidDataException($"{where}: {key} is missing; expected a whole number");

    /// <summary>A whole number; null when the key is absent or null.</summary>
    public int? OptionalInt(string key) => json[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var number) => number,
        var other => throw Wrong(key, other, "a whole number"),
    };

    /// <summary>A number that must be there.</summary>
    public double Double(string key) => OptionalDouble(key) ?? throw new InvalidDataException($"{where}: {key} is missing; expected a number");

    /// <summary>A number; null when the key is absent or null.</summary>
    public double? OptionalDouble(string key) => json[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var number) => number,
        var other => throw Wrong(key, other, "a number"),
    };

    /// <summary>true or false; the default when the key is absent or null.</summary>
    public bool Bool(string key, bool otherwise) => json[key] switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        var other => throw Wrong(key, other, "true or false"),
    };

    /// <summary>A text; null when the key is absent or null.</summary>
    public string? OptionalText(string key) => json[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        var other => throw Wrong(key, other, "a string"),
    };

    /// <summary>One or several token ids; empty when the key is absent or null.</summary>
    public IReadOnlyList<int> Ids(string key) => json[key] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => item is JsonValue value && value.TryGetValue<int>(out var id) ? id : throw Wrong(key, list, "token ids"))],
        _ => [Int(key)],
    };

    /// <summary>A nested object; null when the key is absent or null.</summary>
    public ConfigKeys? OptionalObject(string key) => json[key] switch
    {
        null => null,
        JsonObject nested => new ConfigKeys(nested, $"{where}: {key}"),
        var other => throw Wrong(key, other, "an object"),
    };

    /// <summary>Throws when the object has a key that is not in the list.</summary>
    public void AllowOnly(params string[] keys)
    {
        if (json.Select(pair => pair.Key).FirstOrDefault(key => !keys.Contains(key)) is { } unknown)
            throw new InvalidDataException($"{where}: unknown key {unknown}; it knows {string.Join(", ", keys)}");
    }

    /// <summary>An error about one key.</summary>
    public InvalidDataException Wrong(string key, JsonNode? found, string expected) => new($"{where}: {key} is {found?.ToJsonString() ?? "missing"}; expected {expected}");

    /// <summary>An error about one key, with the value as it stands in the file.</summary>
    public InvalidDataException Wrong(string key, string expected) => Wrong(key, json[key], expected);
}
