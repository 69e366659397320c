using System.Text.Json.Nodes;

namespace UmmRm.Cli.Inspection;

/// <summary>Something that is so about what was inspected.</summary>
/// <param name="Key">Its key in JSON, and with spaces for underscores its heading for people.</param>
/// <param name="Text">For people: one line.</param>
/// <param name="Value">For machines.</param>
internal sealed record Fact(string Key, string Text, JsonNode? Value)
{
    /// <summary>A fact that is a text for both.</summary>
    public static Fact Of(string key, string text) => new(key, text, text);
}
