using System.Globalization;
using System.Text;
using System.Text.Json;

namespace UmmRm.Tokenization;

/// <summary>Reads vocab.json with merges.txt, the older form of byte-level tokenizers; tokenizer_config.json says whose rules hold and names the added tokens.</summary>
internal static class VocabularyFiles
{
    public static TokenizerParts Read(string vocabFile, byte[] vocab, string mergesFile, byte[] merges, JsonSection config)
    {
        var vocabulary = ReadVocabulary(vocabFile, vocab);
        var reader = ReadMerges(mergesFile, merges, vocabulary);
        var isQwen = config["tokenizer_class"].Text("GPT2Tokenizer") switch
        {
            "GPT2Tokenizer" or "GPT2TokenizerFast" or "PreTrainedTokenizerFast" or "TokenizersBackend" => false,
            "Qwen2Tokenizer" or "Qwen2TokenizerFast" => true,
            _ => throw config["tokenizer_class"].NotSupported("GPT2Tokenizer", "Qwen2Tokenizer", "PreTrainedTokenizerFast", "or a tokenizer.json in the place of vocab.json and merges.txt"),
        };
        List<PreTokenizer> steps = [new SplitPreTokenizer(isQwen ? new Llama3Scanner(longestNumber: 1) : new Gpt2Scanner(), SplitBehavior.Isolated)];
        if (config["add_prefix_space"].Flag(false))
            steps.Insert(0, new PrefixSpacePreTokenizer());
        var added = AddedTokens(config, vocabulary);
        return new TokenizerParts
        {
            Model = new BytePairEncoding(vocabulary, reader.Table, new BytePairOptions(ByteLevel: true), reader.MarksBeginWords),
            AddedTokens = added,
            Normalizer = isQwen ? new UnicodeFormNormalizer(compatibility: false, compose: true) : null,
            PreTokenizer = steps.Count == 1 ? steps[0] : new PreTokenizerSequence(steps),
            Decoder = new ByteLevelDecoder(),
            PrefixIds = TemplateIds(config, "add_bos_token", "bos_token", vocabulary, added),
            SuffixIds = TemplateIds(config, "add_eos_token", "eos_token", vocabulary, added),
        };
    }

    /// <summary>The token that a switch such as add_bos_token puts around texts, if it is on.</summary>
    public static int[] TemplateIds(JsonSection config, string switchKey, string tokenKey, Vocabulary vocabulary, IReadOnlyList<AddedToken> added, bool otherwise = false)
    {
        if (!config[switchKey].Flag(otherwise))
            return [];
        var token = NameOf(config[tokenKey]);
        return [added.FirstOrDefault(candidate => candidate.Content == token)?.Id ?? vocabulary.IdOf(token) ?? throw config[tokenKey].Expected($"a token of the vocabulary, because {switchKey} holds")];
    }

    private static string NameOf(JsonSection token) => token.Element.ValueKind == JsonValueKind.Object ? token["content"].Text() : token.Text();

    private static List<AddedToken> AddedTokens(JsonSection config, Vocabulary vocabulary)
    {
        if (config.Has("added_tokens_decoder"))
            return [.. config["added_tokens_decoder"].Entries().Select(entry => TokenizerJson.ReadAddedToken(entry.Value, ParseId(entry.Key, entry.Value), vocabulary))];
        string[] names = [.. ((string[])["bos_token", "eos_token", "unk_token", "pad_token"]).Where(config.Has).Select(key => NameOf(config[key])), "<|endoftext|>"];
        return [.. names.Distinct().Where(name => vocabulary.IdOf(name) is not null).Select(name => new AddedToken(vocabulary.IdOf(name)!.Value, name, Special: true))];
    }

    private static int ParseId(string key, JsonSection token) => int.TryParse(key, CultureInfo.InvariantCulture, out var id) ? id : throw token.Fail("is not under an id", "ids as keys");

    private static Vocabulary ReadVocabulary(string file, byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return ModelJson.ReadVocabulary(new JsonSection(file, "", document.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file} is not valid JSON ({e.Message}); the file is damaged: fetch it again", e);
        }
    }

    private static MergeReader ReadMerges(string file, byte[] bytes, Vocabulary vocabulary)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        var merges = new MergeReader(vocabulary, lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            if (!merges.TryAdd(line))
                throw new InvalidDataException($"{file}: line {i + 1} is '{line}'; expected two tokens of vocab.json, separated by a space, whose join is a token too");
        }
        return merges;
    }
}
