using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Tokenization;

namespace UmmRm.Recipes;

/// <summary>The ids of a tokenizer's padding, begin and end tokens, as its tokenizer_config.json names them; null for one that it does not name.</summary>
public sealed record SpecialTokens(int? Pad, int? Begin, int? End)
{
    /// <summary>Reads a tokenizer's folder.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or names a token that the tokenizer does not have.</exception>
    public static SpecialTokens Read(string folder, Tokenizer tokenizer)
    {
        var path = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(path))
            return new SpecialTokens(null, null, null);
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new InvalidDataException($"{path}: expected a JSON object");
            return new SpecialTokens(Id("pad_token"), Id("bos_token"), Id("eos_token"));

            int? Id(string key)
            {
                var token = (json[key] is JsonObject added ? added["content"] : json[key])?.ToString();
                return token is null ? null : tokenizer.IdOf(token) ?? throw new InvalidDataException($"{path}: {key} is '{token}', which the tokenizer does not have");
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: it is not JSON: {e.Message}", e);
        }
    }

    /// <summary>The id of a token that a setting names, or null when none is named.</summary>
    /// <exception cref="ArgumentException">The tokenizer has no such token.</exception>
    public static int? Named(string? token, Tokenizer tokenizer) =>
        token is null ? null : tokenizer.IdOf(token) ?? throw new ArgumentException($"pad_token is '{token}', which the tokenizer does not have");
}
