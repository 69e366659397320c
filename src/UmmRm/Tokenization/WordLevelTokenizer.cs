using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Tokenization;

/// <summary>Writes tokenizers whose tokens are whole words parted by white space: the built-in world's. The reference library loads them.</summary>
public static class WordLevelTokenizer
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes tokenizer.json and tokenizer_config.json into a folder, which is made if it is missing.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="words">The vocabulary in id order; no word holds white space, and none comes twice.</param>
    /// <param name="specialCount">How many of the first words are special tokens.</param>
    /// <param name="pad">The special word that fills rows up; it stands for unknown words too.</param>
    /// <param name="bos">The special word that begins a text.</param>
    /// <param name="eos">The special word that ends a text.</param>
    public static void Write(string folder, IReadOnlyList<string> words, int specialCount, string pad, string bos, string eos)
    {
        Directory.CreateDirectory(folder);
        var vocabulary = new JsonObject();
        foreach (var (id, word) in words.Index())
            vocabulary[word] = id;
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. words.Take(specialCount).Index().Select(word => (JsonNode)Added(word.Index, word.Item))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["post_processor"] = null,
            ["decoder"] = null,
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = pad },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json.ToJsonString(Readable) + "\n");
        var config = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["clean_up_tokenization_spaces"] = false,
            ["pad_token"] = pad,
            ["bos_token"] = bos,
            ["eos_token"] = eos,
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), config.ToJsonString(Readable) + "\n");
    }

    private static JsonObject Added(int id, string content) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };
}
