namespace UmmRm.Tokenization;

/// <summary>Reads the part <c>pre_tokenizer</c> of tokenizer.json.</summary>
internal static class PreTokenizerJson
{
    /// <param name="section">The part; null is no pre-tokenizer.</param>
    /// <param name="byteLevel">Whether it ends with ByteLevel, so that the model sees bytes.</param>
    public static PreTokenizer? Read(JsonSection section, out bool byteLevel)
    {
        var steps = new List<PreTokenizer>();
        byteLevel = false;
        if (!section.IsNull)
            Read(section, steps, ref byteLevel);
        return steps.Count switch
        {
            0 => null,
            1 => steps[0],
            _ => new PreTokenizerSequence(steps),
        };
    }

    /// <summary>When a Metaspace prepends its mark, in the words of newer files or of older ones.</summary>
    public static PrependScheme ReadScheme(JsonSection section)
    {
        section.Only("type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split");
        return section["prepend_scheme"].Text(section["add_prefix_space"].Flag(true) ? "always" : "never") switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw section["prepend_scheme"].NotSupported("always", "first", "never"),
        };
    }

    private static void Read(JsonSection section, List<PreTokenizer> steps, ref bool byteLevel)
    {
        if (byteLevel)
            throw section.NotSupported("nothing after ByteLevel");
        switch (section.Type)
        {
            case "Sequence":
                section.Only("type", "pretokenizers");
                foreach (var item in section["pretokenizers"].Items())
                    Read(item, steps, ref byteLevel);
                break;
            case "ByteLevel":
                section.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
                byteLevel = true; // the bytes themselves are the model's business
                if (section["add_prefix_space"].Flag(true))
                    steps.Add(new PrefixSpacePreTokenizer());
                if (section["use_regex"].Flag(true))
                    steps.Add(new SplitPreTokenizer(new Gpt2Scanner(), SplitBehavior.Isolated));
                break;
            case "Split":
                section.Only("type", "pattern", "behavior", "invert");
                steps.Add(new SplitPreTokenizer(TokenizerJson.ReadPattern(section["pattern"]), ReadBehavior(section["behavior"]), section["invert"].Flag(false)));
                break;
            case "Metaspace":
                steps.Add(new MetaspacePreTokenizer(section["replacement"].Character(), ReadScheme(section), section["split"].Flag(true)));
                break;
            case "Digits":
                section.Only("type", "individual_digits");
                steps.Add(new SplitPreTokenizer(new CharacterPattern(CharacterClass.Number), section["individual_digits"].Flag(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous));
                break;
            case "WhitespaceSplit":
                section.Only("type");
                steps.Add(new SplitPreTokenizer(new CharacterPattern(CharacterClass.Space), SplitBehavior.Removed));
                break;
            case "Whitespace":
                section.Only("type");
                steps.Add(new SplitPreTokenizer(new WordOrPunctuationPattern(), SplitBehavior.Removed, invert: true));
                break;
            default:
                throw section["type"].NotSupported("ByteLevel", "Split", "Metaspace", "Digits", "WhitespaceSplit", "Whitespace", "Sequence");
        }
    }

    private static SplitBehavior ReadBehavior(JsonSection section) =>
        Enum.TryParse<SplitBehavior>(section.Text(), out var behavior) && Enum.IsDefined(behavior) && !char.IsAsciiDigit(section.Text()[0])
            ? behavior : throw section.NotSupported(Enum.GetNames<SplitBehavior>());
}
