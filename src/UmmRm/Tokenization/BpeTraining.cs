using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Tokenization;

/// <summary>A trained byte-level BPE tokenizer.</summary>
public sealed class BpeTraining
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly BpeTrainerSettings _settings;

    internal BpeTraining(IReadOnlyList<string> vocabulary, IReadOnlyList<BpeMerge> merges, BpeTrainerSettings settings) =>
        (Vocabulary, Merges, _settings) = (vocabulary, merges, settings);

    /// <summary>The tokens; a token's place is its id. First the special tokens, then the 256 bytes written as characters, then what merges made.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The merges in their order.</summary>
    public IReadOnlyList<BpeMerge> Merges { get; }

    /// <summary>
    /// Writes tokenizer.json (byte level, GPT-2's pattern, no space put before a text) and tokenizer_config.json, as Hugging Face's libraries load them.
    /// Each file appears whole or not at all.
    /// </summary>
    /// <param name="folder">Made when it is not there.</param>
    public void Write(string folder) => new TokenizerFiles(folder, new()
    {
        [TokenizerFiles.Config] = Bytes(Config()),
        [TokenizerFiles.Json] = Bytes(Tokenizer()),
    }).Save(folder);

    private JsonObject Tokenizer() => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. _settings.AllSpecialTokens.Select(AddedToken)]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = ByteLevel(addPrefixSpace: false),
        ["post_processor"] = _settings.BeginToken is { } begin ? Prefix(begin) : null,
        ["decoder"] = ByteLevel(addPrefixSpace: true), // a decoder does not look at it; true is how the reference library writes its default
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(Vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. Merges.Select(merge => new JsonArray(merge.Left, merge.Right))]),
        },
    };

    private JsonObject Config()
    {
        var config = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["clean_up_tokenization_spaces"] = false,
            ["model_input_names"] = new JsonArray("input_ids", "attention_mask"), // without it transformers adds token_type_ids, which no decoder takes
        };
        foreach (var (key, token) in new[] { ("bos_token", _settings.BeginToken), ("eos_token", _settings.EndToken), ("pad_token", _settings.PadToken) })
        {
            if (token is not null)
                config[key] = token;
        }
        return config;
    }

    private static JsonObject AddedToken(string content, int id) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject ByteLevel(bool addPrefixSpace) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    /// <summary>A template that puts a token before a text, and before each of a pair of texts.</summary>
    private JsonObject Prefix(string token) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(Part("SpecialToken", token, 0), Part("Sequence", "A", 0)),
        ["pair"] = new JsonArray(Part("SpecialToken", token, 0), Part("Sequence", "A", 0), Part("SpecialToken", token, 1), Part("Sequence", "B", 1)),
        ["special_tokens"] = new JsonObject
        {
            [token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(_settings.AllSpecialTokens.IndexOf(token)), ["tokens"] = new JsonArray(token) },
        },
    };

    private static JsonObject Part(string kind, string id, int type) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };

    private static byte[] Bytes(JsonObject content) => Encoding.UTF8.GetBytes(content.ToJsonString(Readable) + "\n");
}
