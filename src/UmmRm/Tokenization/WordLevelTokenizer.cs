using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Tokenization;

/// <summary>Makes word-level tokenizers: a text is cut at white space, every word is one token, decoding joins words with spaces.</summary>
public static class WordLevelTokenizer
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A tokenizer over a list of words; <see cref="Tokenizer.Save"/> writes a tokenizer.json and a tokenizer_config.json that the reference library loads.</summary>
    /// <param name="specialTokens">Ids 0 and onwards: recognised anywhere in a text, left out where decoding skips special tokens.</param>
    /// <param name="words">The ids after those.</param>
    /// <param name="bosToken">Which special token begins a text; null: none. Nothing is put around a text by itself.</param>
    /// <param name="eosToken">Which special token ends a text; null: none.</param>
    /// <param name="padToken">Which special token fills up short rows; null: none.</param>
    /// <param name="unknownToken">Which special token stands for words that are not in the list; null: such words are errors.</param>
    /// <exception cref="ArgumentException">A word is empty, holds white space or is there twice; or a named token is not among the special ones.</exception>
    public static Tokenizer Create(
        IReadOnlyList<string> specialTokens, IEnumerable<string> words, string? bosToken = null, string? eosToken = null, string? padToken = null, string? unknownToken = null)
    {
        string[] tokens = [.. specialTokens, .. words];
        Dictionary<string, string?> names = new() { ["bos_token"] = bosToken, ["eos_token"] = eosToken, ["pad_token"] = padToken, ["unk_token"] = unknownToken };
        Check(specialTokens, tokens, names);
        var files = new TokenizerFiles("", new() { [TokenizerFiles.Json] = Bytes(Json(specialTokens.Count, tokens, unknownToken)), [TokenizerFiles.Config] = Bytes(Config(names)) });
        return new Tokenizer(files.Read(), files);
    }

    private static void Check(IReadOnlyList<string> specialTokens, string[] tokens, Dictionary<string, string?> names)
    {
        if (tokens.FirstOrDefault(token => token.Length == 0 || token.Any(char.IsWhiteSpace)) is { } odd)
            throw new ArgumentException($"the word '{odd}' is empty or holds white space; words are cut at white space, so it could never be found");
        if (tokens.GroupBy(token => token).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"the word '{twice.Key}' is there {twice.Count()} times; every word has one id");
        foreach (var (name, token) in names)
        {
            if (token is not null && !specialTokens.Contains(token))
                throw new ArgumentException($"{name} is '{token}'; it must be one of the special tokens ({string.Join(", ", specialTokens)})");
        }
    }

    private static JsonObject Json(int specialCount, string[] tokens, string? unknownToken) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. tokens.Take(specialCount).Select(AddedToken)]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
        ["post_processor"] = null,
        ["decoder"] = null,
        ["model"] = new JsonObject
        {
            ["type"] = "WordLevel",
            ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["unk_token"] = unknownToken ?? "<unk>", // the reference library wants a name, which need not be a token
        },
    };

    private static JsonNode AddedToken(string content, int id) => new JsonObject
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject Config(Dictionary<string, string?> names)
    {
        var config = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["clean_up_tokenization_spaces"] = false,
            ["model_input_names"] = new JsonArray("input_ids", "attention_mask"), // without it transformers adds token_type_ids, which no decoder takes
        };
        foreach (var (name, token) in names.Where(name => name.Value is not null))
            config[name] = token;
        return config;
    }

    private static byte[] Bytes(JsonObject content) => Encoding.UTF8.GetBytes(content.ToJsonString(Readable) + "\n");
}
