using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Inspection;

/// <summary>A tokenizer's size, its special tokens, what it puts around a text, and whether a chat template lies beside it.</summary>
internal static class TokenizerFacts
{
    private const int ShownTokens = 12;
    private static readonly string[] Files = ["tokenizer.json", "vocab.json", "tokenizer.model"];

    /// <summary>Whether a path is a tokenizer's file, or a folder with one.</summary>
    public static bool AreAt(string path) => File.Exists(path) ? Files.Contains(Path.GetFileName(path)) : Files.Any(name => File.Exists(Path.Combine(path, name)));

    /// <summary>What the tokenizer of a folder or file is.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or asks for something that is not supported.</exception>
    public static IEnumerable<Fact> Of(string path)
    {
        var tokenizer = Tokenizer.Load(path);
        yield return new Fact("vocabulary", string.Create(CultureInfo.InvariantCulture, $"{tokenizer.VocabularySize:N0} tokens"), tokenizer.VocabularySize);
        yield return SpecialTokens(tokenizer);
        yield return new Fact(
            "around_a_text",
            tokenizer.PrefixIds.Count + tokenizer.SuffixIds.Count == 0 ? "nothing is added" : string.Join(' ', [.. tokenizer.PrefixIds.Select(Spelled), "...", .. tokenizer.SuffixIds.Select(Spelled)]),
            new JsonObject { ["before"] = Ids(tokenizer.PrefixIds), ["after"] = Ids(tokenizer.SuffixIds) });
        yield return ChatTemplate(File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path);

        string Spelled(int id) => tokenizer.TokenOf(id) ?? id.ToString(CultureInfo.InvariantCulture);
    }

    private static Fact SpecialTokens(Tokenizer tokenizer)
    {
        var special = Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial).Union(new[] { tokenizer.BosId, tokenizer.EosId, tokenizer.PadId }.OfType<int>())
            .Select(id => (Id: id, Token: tokenizer.TokenOf(id)!, Role: Role(tokenizer, id))).OrderBy(token => token.Role is null).ThenBy(token => token.Id).ToList();
        var shown = special.Take(ShownTokens).Select(token => string.Create(CultureInfo.InvariantCulture, $"{token.Token} {token.Id}{(token.Role is null ? "" : $" ({token.Role})")}"));
        var more = special.Count > ShownTokens ? string.Create(CultureInfo.InvariantCulture, $" and {special.Count - ShownTokens:N0} more") : "";
        return new Fact(
            "special_tokens",
            special.Count == 0 ? "none" : string.Join(", ", shown) + more,
            new JsonArray([.. special.Select(token => new JsonObject { ["id"] = token.Id, ["token"] = token.Token, ["role"] = token.Role })]));
    }

    private static string? Role(Tokenizer tokenizer, int id)
    {
        var roles = new[] { (tokenizer.BosId, "begin"), (tokenizer.EosId, "end"), (tokenizer.PadId, "padding") }.Where(role => role.Item1 == id).Select(role => role.Item2).ToList();
        return roles.Count == 0 ? null : string.Join(", ", roles);
    }

    /// <summary>Newer folders keep the template in a file of its own, older ones in tokenizer_config.json.</summary>
    private static Fact ChatTemplate(string folder)
    {
        var own = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(own))
            return Found("chat_template.jinja", File.ReadAllText(own).Length);
        var config = Path.Combine(folder, "tokenizer_config.json");
        if (File.Exists(config))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(config));
            if (json.RootElement.TryGetProperty("chat_template", out var template) && template.ValueKind != JsonValueKind.Null)
                return Found("tokenizer_config.json", template.ValueKind == JsonValueKind.String ? template.GetString()!.Length : template.GetRawText().Length);
        }
        return new Fact("chat_template", "none", null);

        static Fact Found(string file, int length) =>
            new("chat_template", string.Create(CultureInfo.InvariantCulture, $"{length:N0} characters, in {file}"), new JsonObject { ["file"] = file, ["characters"] = length });
    }

    private static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);
}
