using System.Text.Json;

namespace UmmRm.Tokenization;

/// <summary>A value inside a JSON file that knows its place, so that every complaint names file, key and value.</summary>
internal readonly struct JsonSection(string file, string path, JsonElement element)
{
    public JsonElement Element { get; } = element;

    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>Where the value lies, for messages.</summary>
    public string Place => path.Length == 0 ? file : $"{file}: {path}";

    /// <summary>The value under a key; undefined (null) when there is none.</summary>
    public JsonSection this[string key]
    {
        get
        {
            Require(JsonValueKind.Object, "an object");
            return new JsonSection(file, path.Length == 0 ? key : $"{path}.{key}", Element.TryGetProperty(key, out var value) ? value : default);
        }
    }

    /// <summary>The value's type name, its key <c>type</c>.</summary>
    public string Type => this["type"].Text();

    public bool Has(string key) => !this[key].IsNull;

    public IEnumerable<JsonSection> Items()
    {
        Require(JsonValueKind.Array, "a list");
        var (theFile, thePath) = (file, path);
        return Element.EnumerateArray().Select((item, i) => new JsonSection(theFile, $"{thePath}[{i}]", item));
    }

    public IEnumerable<(string Key, JsonSection Value)> Entries()
    {
        Require(JsonValueKind.Object, "an object");
        var (theFile, thePath) = (file, path);
        return Element.EnumerateObject().Select(property => (property.Name, new JsonSection(theFile, $"{thePath}.{property.Name}", property.Value)));
    }

    public JsonSection At(int index) => new(file, $"{path}[{index}]", Element[index]);

    public string Text(string? otherwise = null)
    {
        if (otherwise is not null && IsNull)
            return otherwise;
        Require(JsonValueKind.String, "a string");
        return Element.GetString()!;
    }

    public bool Flag(bool otherwise) => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ when IsNull => otherwise,
        _ => throw Expected("true or false"),
    };

    public int Number(int? otherwise = null)
    {
        if (otherwise is { } value && IsNull)
            return value;
        return Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var number) ? number : throw Expected("a whole number");
    }

    /// <summary>One character.</summary>
    public char Character() => Text() is { Length: 1 } text ? text[0] : throw Expected("one character");

    /// <summary>Refuses keys that would be ignored.</summary>
    public void Only(params ReadOnlySpan<string> keys)
    {
        Require(JsonValueKind.Object, "an object");
        foreach (var property in Element.EnumerateObject())
        {
            if (!keys.Contains(property.Name))
                throw this[property.Name].Fail("is an unknown key", string.Join(", ", keys!));
        }
    }

    public InvalidDataException Expected(string what) => Fail(IsNull ? "is missing" : $"is {Shorten(Element.GetRawText())}", what);

    public InvalidDataException NotSupported(params ReadOnlySpan<string> supported) => Fail($"is {Shorten(Element.GetRawText())}, which is not supported", string.Join(", ", supported!));

    public InvalidDataException Fail(string found, string expected) => new($"{Place} {found}; expected: {expected}");

    private void Require(JsonValueKind kind, string what)
    {
        if (Element.ValueKind != kind)
            throw Expected(what);
    }

    private static string Shorten(string raw) => raw.Length <= 80 ? raw : $"{raw[..80]}...";
}
