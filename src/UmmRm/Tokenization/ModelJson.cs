using System.Text.Json;

namespace UmmRm.Tokenization;

/// <summary>Reads the part <c>model</c> of tokenizer.json.</summary>
internal static class ModelJson
{
    /// <param name="section">The part.</param>
    /// <param name="byteLevel">Whether words come as bytes.</param>
    public static TokenModel Read(JsonSection section, bool byteLevel)
    {
        // Old files (GPT-2's own) do not name the type.
        var type = section["type"].Text(section.Has("merges") ? "BPE" : "WordLevel");
        switch (type)
        {
            case "BPE":
                return ReadBytePairs(section, byteLevel);
            case "WordLevel" when !byteLevel:
                section.Only("type", "vocab", "unk_token");
                return new WordLevel(ReadVocabulary(section["vocab"]), section["unk_token"].Text("<unk>"));
            case "WordLevel":
                throw section["type"].Fail("is \"WordLevel\" behind a ByteLevel pre-tokenizer", "BPE");
            default:
                throw section["type"].NotSupported("BPE", "WordLevel");
        }
    }

    private static BytePairEncoding ReadBytePairs(JsonSection section, bool byteLevel)
    {
        section.Only("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
        if (!section["dropout"].IsNull && !(section["dropout"].Element.TryGetDouble(out var dropout) && dropout == 0))
            throw section["dropout"].Expected("null: encoding is deterministic here");
        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (section[key].Text("") != "")
                throw section[key].Expected("null or an empty string");
        }
        var vocabulary = ReadVocabulary(section["vocab"]);
        var merges = ReadMerges(section["merges"], vocabulary);
        var options = new BytePairOptions(byteLevel)
        {
            IgnoreMerges = section["ignore_merges"].Flag(false),
            ByteFallback = section["byte_fallback"].Flag(false),
            FusesUnknown = section["fuse_unk"].Flag(false),
            UnknownToken = section["unk_token"].IsNull ? null : section["unk_token"].Text(),
        };
        if (options.UnknownToken is { } unknown && vocabulary.IdOf(unknown) is null)
            throw section["unk_token"].Expected("a token of the vocabulary");
        return new BytePairEncoding(vocabulary, merges.Table, options, merges.MarksBeginWords);
    }

    private static MergeReader ReadMerges(JsonSection section, Vocabulary vocabulary)
    {
        if (section.Element.ValueKind != JsonValueKind.Array)
            throw section.Expected("a list of merges");
        var merges = new MergeReader(vocabulary, section.Element.GetArrayLength());
        foreach (var merge in section.Element.EnumerateArray())
        {
            if (!(merge.ValueKind == JsonValueKind.Array ? TryReadPair(merge, merges) : merge.ValueKind == JsonValueKind.String && merges.TryAdd(merge.GetString()!)))
                throw section.At(merges.Count).Expected("two tokens, \"a b\" or [\"a\", \"b\"], that are in the vocabulary, as is what they become");
        }
        return merges;
    }

    private static bool TryReadPair(JsonElement pair, MergeReader merges) =>
        pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.String && pair[1].ValueKind == JsonValueKind.String && merges.TryAdd(pair[0].GetString()!, pair[1].GetString()!);

    /// <summary>An object of tokens and their ids.</summary>
    public static Vocabulary ReadVocabulary(JsonSection section)
    {
        if (section.Element.ValueKind != JsonValueKind.Object)
            throw section.Expected("an object of tokens and their ids");
        var vocabulary = new Vocabulary(section.Element.GetPropertyCount());
        foreach (var property in section.Element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var id) || !vocabulary.TryAdd(property.Name, id))
                throw section[property.Name].Expected($"an id from 0 to {Vocabulary.IdLimit - 1} that no other token has");
        }
        return vocabulary;
    }
}
