namespace UmmRm.Tokenization;

/// <summary>Reads the part <c>post_processor</c> of tokenizer.json: what stands before and after a text, and how offsets are trimmed.</summary>
internal static class PostProcessorJson
{
    private const int LongestTemplate = 64;

    public static TokenizerParts Apply(JsonSection section, TokenizerParts parts)
    {
        if (section.IsNull)
            return parts;
        switch (section.Type)
        {
            case "Sequence":
                section.Only("type", "processors");
                return section["processors"].Items().Aggregate(parts, (current, item) => Apply(item, current));
            case "ByteLevel":
                section.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
                return section["trim_offsets"].Flag(true) ? parts with { Trimming = new OffsetTrimming(section["add_prefix_space"].Flag(true)) } : parts;
            case "TemplateProcessing":
                section.Only("type", "single", "pair", "special_tokens");
                return ApplyTemplate(section, parts);
            default:
                throw section["type"].NotSupported("TemplateProcessing", "ByteLevel", "Sequence");
        }
    }

    private static TokenizerParts ApplyTemplate(JsonSection section, TokenizerParts parts)
    {
        if (section["single"].Items().Count() > LongestTemplate)
            throw section["single"].Expected($"at most {LongestTemplate} items");
        List<int> prefix = [], suffix = [];
        var afterText = false;
        foreach (var item in section["single"].Items())
        {
            item.Only("SpecialToken", "Sequence");
            if (item.Has("SpecialToken"))
                (afterText ? suffix : prefix).AddRange(SpecialTokenIds(section, item["SpecialToken"]["id"]));
            else if (item["Sequence"]["id"].Text() != "A" || afterText)
                throw item.Expected("the text once, as sequence A");
            else
                afterText = true;
        }
        if (!afterText)
            throw section["single"].Expected("a template that holds the text, sequence A");
        return parts with { PrefixIds = [.. prefix, .. parts.PrefixIds], SuffixIds = [.. parts.SuffixIds, .. suffix] };
    }

    private static IEnumerable<int> SpecialTokenIds(JsonSection template, JsonSection name)
    {
        var token = template["special_tokens"][name.Text()];
        if (token.IsNull)
            throw name.Expected("a token that special_tokens defines");
        return token["ids"].Items().Select(id => id.Number());
    }
}
