using System.Text.Json;

namespace UmmRm.Tokenization;

/// <summary>
/// Reads tokenizer.json. Every part, key and value that would change the result is understood or refused by name; truncation and padding, which a
/// file may carry, are not the tokenizer's business and never applied.
/// </summary>
internal static class TokenizerJson
{
    private const int LongestAddedToken = 4096; // they are looked for at every place of a text

    /// <param name="file">The file's path, for messages.</param>
    /// <param name="bytes">Its content.</param>
    /// <exception cref="InvalidDataException">It is damaged, inconsistent, or asks for something not supported.</exception>
    public static TokenizerParts Read(string file, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Read(new JsonSection(file, "", document.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: half a surrogate pair
        {
            throw new InvalidDataException($"{file} is not valid JSON ({e.Message}); the file is damaged: fetch it again", e);
        }
    }

    private static TokenizerParts Read(JsonSection root)
    {
        root.Only("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        var preTokenizer = PreTokenizerJson.Read(root["pre_tokenizer"], out var byteLevel);
        var model = ModelJson.Read(root["model"], byteLevel);
        var added = root.Has("added_tokens") ? root["added_tokens"].Items().Select(item => ReadAddedToken(item, item["id"].Number(), model.Vocabulary)).ToList() : [];
        var parts = new TokenizerParts
        {
            Model = model,
            AddedTokens = added,
            Normalizer = ReadNormalizer(root["normalizer"]),
            PreTokenizer = preTokenizer,
            Decoder = ReadDecoder(root["decoder"]),
        };
        return PostProcessorJson.Apply(root["post_processor"], parts);
    }

    /// <summary>An entry of added_tokens, or of tokenizer_config.json's added_tokens_decoder, whose keys are the ids.</summary>
    public static AddedToken ReadAddedToken(JsonSection item, int id, Vocabulary vocabulary)
    {
        item.Only("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
        var content = item["content"].Text();
        if (id is < 0 or >= Vocabulary.IdLimit)
            throw item.Expected($"an id from 0 to {Vocabulary.IdLimit - 1}");
        if (vocabulary.IdOf(content) is { } known && known != id)
            throw item.Fail($"gives '{content}' the id {id}", $"{known}, its id in the vocabulary");
        if (content.Length > LongestAddedToken)
            throw item["content"].Expected($"at most {LongestAddedToken} characters");
        var special = item["special"].Flag(false);
        return new AddedToken(id, content, special)
        {
            Normalized = item["normalized"].Flag(!special),
            StripsLeft = item["lstrip"].Flag(false),
            StripsRight = item["rstrip"].Flag(false),
            SingleWord = item["single_word"].Flag(false),
        };
    }

    private static TextNormalizer? ReadNormalizer(JsonSection section)
    {
        if (section.IsNull)
            return null;
        switch (section.Type)
        {
            case "Sequence":
                section.Only("type", "normalizers");
                return new NormalizerSequence([.. section["normalizers"].Items().Select(item => ReadNormalizer(item) ?? throw item.Expected("a normalizer"))]);
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                section.Only("type");
                return new UnicodeFormNormalizer(compatibility: section.Type.Contains('K'), compose: section.Type.EndsWith('C'));
            case "Prepend":
                section.Only("type", "prepend");
                return new PrependNormalizer(section["prepend"].Text());
            case "Replace":
                section.Only("type", "pattern", "content");
                return new ReplaceNormalizer(ReadPattern(section["pattern"]), section["content"].Text());
            case "Lowercase":
                section.Only("type");
                return new LowercaseNormalizer();
            case "Strip":
                section.Only("type", "strip_left", "strip_right");
                return new StripNormalizer(section["strip_left"].Flag(true), section["strip_right"].Flag(true));
            default:
                throw section["type"].NotSupported("NFC", "NFD", "NFKC", "NFKD", "Prepend", "Replace", "Lowercase", "Strip", "Sequence");
        }
    }

    private static TokenDecoder? ReadDecoder(JsonSection section)
    {
        if (section.IsNull)
            return null;
        switch (section.Type)
        {
            case "Sequence":
                section.Only("type", "decoders");
                return new DecoderSequence([.. section["decoders"].Items().Select(item => ReadDecoder(item) ?? throw item.Expected("a decoder"))]);
            case "ByteLevel":
                section.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
                return new ByteLevelDecoder();
            case "ByteFallback":
                section.Only("type");
                return new ByteFallbackDecoder();
            case "Fuse":
                section.Only("type");
                return new FuseDecoder();
            case "Replace":
                section.Only("type", "pattern", "content");
                return new ReplaceDecoder(ReadPattern(section["pattern"]), section["content"].Text());
            case "Strip":
                section.Only("type", "content", "start", "stop");
                return new StripDecoder(section["content"].Character(), section["start"].Number(), section["stop"].Number());
            case "Metaspace":
                return new MetaspaceDecoder(section["replacement"].Character(), PreTokenizerJson.ReadScheme(section));
            default:
                throw section["type"].NotSupported("ByteLevel", "ByteFallback", "Fuse", "Replace", "Strip", "Metaspace", "Sequence");
        }
    }

    /// <summary>A pattern: <c>{"String": ...}</c> or <c>{"Regex": ...}</c>.</summary>
    public static TextPattern ReadPattern(JsonSection section)
    {
        section.Only("String", "Regex");
        if (section.Has("String"))
            return new LiteralPattern(section["String"].Text());
        var regex = section["Regex"].Text();
        try
        {
            return (TextPattern?)WordScanner.For(regex) ?? new RegexPattern(regex);
        }
        catch (NotSupportedException e)
        {
            throw section["Regex"].Fail($"is '{regex}', which is not supported: {e.Message}", "the patterns of GPT-2, Qwen2 and Llama 3, or a simple regular expression");
        }
    }
}
