using System.Text;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class TokenizerPartsTests
{
    // The reference library documents its split behaviours with this example ("the-final--countdown", empty pieces left out).
    [Theory]
    [InlineData("Removed", false, "the|final|countdown")]
    [InlineData("Isolated", false, "the|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", false, "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", false, "the|-final|-|-countdown")]
    [InlineData("Contiguous", false, "the|-|final|--|countdown")]
    [InlineData("Removed", true, "-|-|-")]
    public void Split_EachBehavior_TreatsTheDelimiterAsDocumented(string behavior, bool invert, string expected) =>
        Assert.Equal(expected, Words(new SplitPreTokenizer(new LiteralPattern("-"), Enum.Parse<SplitBehavior>(behavior), invert), "the-final--countdown"));

    [Theory]
    [InlineData("Call 123 now\u00BD\u0663", false, "Call |123| now|\u00BD\u0663")]
    [InlineData("a12", true, "a|1|2")]
    public void Digits_AnyNumber_IsCutOut(string text, bool individual, string expected) =>
        Assert.Equal(expected, Words(Read($$"""{"type": "Digits", "individual_digits": {{(individual ? "true" : "false")}}}"""), text));

    [Theory]
    [InlineData("Hey man!  It's\u00A0fine_1.", "Hey|man|!|It|'|s|fine_1|.")]
    [InlineData(" \u24D0x\u0301 \U00010400.", "\u24D0x\u0301|\U00010400|.")]
    public void Whitespace_WordsAndPunctuation_AreApart(string text, string expected) => Assert.Equal(expected, Words(Read("""{"type": "Whitespace"}"""), text));

    [Fact]
    public void WhitespaceSplit_AnyWhiteSpace_IsRemoved() => Assert.Equal("Hey|man!|a\u200Bb", Words(Read("""{"type": "WhitespaceSplit"}"""), "\tHey man!\u2003\u3000a\u200Bb\n"));

    [Theory]
    [InlineData("always", "Hey friend!  x", "\u2581Hey|\u2581friend!|\u2581|\u2581x")]
    [InlineData("never", "Hey friend!", "Hey|\u2581friend!")]
    [InlineData("first", " Hey", "\u2581Hey")]
    public void Metaspace_EachScheme_PrependsItsMark(string scheme, string text, string expected) =>
        Assert.Equal(expected, Words(Read($$"""{"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "{{scheme}}", "split": true}"""), text));

    [Theory]
    [InlineData("""{"type": "Lowercase"}""", "\u0130STANBUL \u03A3\u0391\u03A3 \U00010400", "i\u0307stanbul \u03C3\u03B1\u03C3 \U00010428")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": false}""", " \u3000a b ", "a b ")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": true}""", " \n ", "")]
    [InlineData("""{"type": "Prepend", "prepend": "ab"}""", "\U00010400c", "ab\U00010400c")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": "_"}""", "a  b\t c", "a_b_c")]
    [InlineData("""{"type": "NFKC"}""", "\uFB01 \u2460", "fi 1")]
    public void Normalizer_Text_IsRewritten(string normalizer, string text, string expected)
    {
        Assert.Equal(expected, ReadParts("normalizer", normalizer).Normalizer!.Normalize(Whole(text)).Span.ToString());
    }

    [Theory]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "prepend_scheme": "always"}""", "_Hey|_friend!", "Hey friend!")]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "prepend_scheme": "never"}""", "_Hey|_friend!", " Hey friend!")]
    [InlineData("""{"type": "Strip", "content": "H", "start": 1, "stop": 2}""", "HHey|eHHH|H", "HeyeH")]
    [InlineData("""{"type": "ByteFallback"}""", "<0x61>|<0xE5>|<0x8f>|<0xab>|b|<0xE5>|<0x61>", "a\u53EBb\uFFFD\uFFFD")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "_"}, "content": " "}""", "a_b|_", "a b ")]
    public void Decoder_Tokens_BecomeText(string decoder, string tokens, string expected)
    {
        Assert.Equal(expected, string.Concat(ReadParts("decoder", decoder).Decoder!.Decode([.. tokens.Split('|')])));
    }

    [Fact]
    public void ByteLevel_AddPrefixSpace_TreatsTheFirstWordAsAnyOther()
    {
        var tokenizer = TokenizerErrorTests.Parse("""
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true}, "decoder": {"type": "ByteLevel"}, "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
             "model": {"type": "BPE", "vocab": {"a": 0, "\u0120": 1, "\u0120a": 2}, "merges": [["\u0120", "a"]]}}
            """);
        Assert.Equal([2, 2], tokenizer.Encode("a a"));
        Assert.Equal([2, 2], tokenizer.Encode(" a a"));
        Assert.Equal([new TokenSpan(0, 1), new TokenSpan(2, 3)], tokenizer.EncodeWithOffsets("a a").Offsets);
    }

    // Unknown characters: fused only when told, never with a known one between; without an unknown token they vanish.
    [Theory]
    [InlineData("""  "unk_token": "?", "fuse_unk": true""", new[] { 0, 1, 0, 1 })]
    [InlineData("""  "unk_token": "?", "fuse_unk": false""", new[] { 0, 1, 1, 0, 1 })]
    [InlineData("""  "unk_token": null""", new[] { 0, 0 })]
    [InlineData("""  "unk_token": "?", "byte_fallback": true""", new[] { 0, 2, 2, 0, 1 })]
    public void BytePairEncoding_UnknownCharacters_AreTreatedAsTheFileSays(string options, int[] expected)
    {
        var tokenizer = TokenizerErrorTests.Parse("""{"model": {"type": "BPE", "vocab": {"a": 0, "?": 1, "<0x78>": 2}, "merges": [], """ + options + "}}");
        Assert.Equal(expected, tokenizer.Encode("axxay"));
    }

    private static PreTokenizer Read(string preTokenizer) => ReadParts("pre_tokenizer", preTokenizer).PreTokenizer!;

    private static TokenizerParts ReadParts(string key, string value) =>
        TokenizerJson.Read("tokenizer.json", Encoding.UTF8.GetBytes($"{{\"{key}\": {value}, \"model\": {{\"type\": \"WordLevel\", \"vocab\": {{}}}}}}"));

    private static Piece Whole(string text) => new(new AlignedText(text), 0, text.Length);

    private static string Words(PreTokenizer preTokenizer, string text)
    {
        List<Piece> words = [];
        preTokenizer.Split(Whole(text), words);
        return string.Join('|', words.Select(word => word.Span.ToString()));
    }
}
