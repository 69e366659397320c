using System.Text;
using System.Text.Json.Nodes;
using UmmRm.Tests.Weights;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class TokenizerErrorTests
{
    private const string Small = """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{"id": 4, "content": "<s>", "special": true}],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
         "model": {"type": "BPE", "unk_token": null, "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3}, "merges": ["a b"]}}
        """;

    [Fact]
    public void TokenizerJson_Small_Loads() => Assert.Equal([4, 2, 3], Parse(Small).Encode("<s> abc"));

    // Each row sets the value at a path; the message must name the place, the value and what is supported.
    [Theory]
    [InlineData("normalizer", """{"type": "Nmt"}""", "normalizer.type", "Nmt", "NFC")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Precompiled"}]}""", "normalizer.normalizers[1].type", "Precompiled", "Lowercase")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": "(?i)x"}, "content": ""}""", "normalizer.pattern.Regex", "(?i)x", "categories|category")]
    [InlineData("normalizer", """{"type": "NFC", "extra": 1}""", "normalizer.extra", "unknown key", "type")]
    [InlineData("pre_tokenizer", """{"type": "BertPreTokenizer"}""", "pre_tokenizer.type", "BertPreTokenizer", "Metaspace")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"String": "x"}, "behavior": "Sideways", "invert": false}""", "pre_tokenizer.behavior", "Sideways", "MergedWithNext")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Digits"}]}""", "pre_tokenizer.pretokenizers[1]", "Digits", "nothing after ByteLevel")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "__"}""", "pre_tokenizer.replacement", "__", "one character")]
    [InlineData("pre_tokenizer", "3", "pre_tokenizer", "3", "an object")]
    [InlineData("post_processor", """{"type": "RobertaProcessing"}""", "post_processor.type", "RobertaProcessing", "TemplateProcessing")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<x>"}}, {"Sequence": {"id": "A"}}], "special_tokens": {}}""", "post_processor.single[0].SpecialToken.id", "<x>", "special_tokens")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [], "special_tokens": {}}""", "post_processor.single", "[]", "sequence A")]
    [InlineData("decoder", """{"type": "CTC"}""", "decoder.type", "CTC", "ByteFallback")]
    [InlineData("added_tokens", """[{"id": 7, "content": "ab", "special": true}]""", "added_tokens[0]", "'ab' the id 7", "2")]
    [InlineData("added_tokens", """[{"id": -7, "content": "x", "special": true}]""", "added_tokens[0]", "-7", "an id from 0")]
    [InlineData("added_tokens", """[{"id": 1.5, "content": "x"}]""", "added_tokens[0].id", "1.5", "a whole number")]
    [InlineData("model", """{"type": "Unigram", "vocab": []}""", "model.type", "Unigram", "WordLevel")]
    [InlineData("model.dropout", "0.1", "model.dropout", "0.1", "null")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix", "##", "null")]
    [InlineData("model.unk_token", "\"<unk>\"", "model.unk_token", "<unk>", "a token of the vocabulary")]
    [InlineData("model.vocab", """{"a": 0, "b": 0}""", "model.vocab.b", "0", "no other token")]
    [InlineData("model.vocab", """{"a": 4000000000}""", "model.vocab.a", "4000000000", "an id from 0")]
    [InlineData("model.vocab", "[]", "model.vocab", "[]", "an object")]
    [InlineData("model.merges", """["a b", "b c"]""", "model.merges[1]", "b c", "two tokens")]
    [InlineData("model.merges", """[["a"]]""", "model.merges[0]", "a", "two tokens")]
    [InlineData("model.merges", """["a"]""", "model.merges[0]", "a", "two tokens")]
    [InlineData("model.merges", "{}", "model.merges", "{}", "a list")]
    [InlineData("model.ignore_merges", "1", "model.ignore_merges", "1", "true or false")]
    [InlineData("surprise", "1", "surprise", "unknown key", "post_processor")]
    public void TokenizerJson_WhatIsNotSupported_IsNamed(string path, string value, string place, string found, string expected)
    {
        var json = JsonNode.Parse(Small)!;
        var keys = path.Split('.');
        (keys.Length == 1 ? json : json[keys[0]]!)[keys[^1]] = JsonNode.Parse(value);
        var message = Assert.Throws<InvalidDataException>(() => Parse(json.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))).Message;
        Assert.StartsWith($"tokenizer.json: {place}", message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
        Assert.Contains(expected.Split('|'), part => message.Contains(part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["\udc00 a"]}}""")]
    public void TokenizerJson_Damaged_IsRefusedByName(string json) =>
        Assert.StartsWith("tokenizer.json", Assert.Throws<InvalidDataException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void TokenizerJson_NestedWithoutEnd_IsRefused()
    {
        var nested = string.Concat(Enumerable.Repeat("""{"type": "Sequence", "normalizers": [""", 100_000));
        Assert.Throws<InvalidDataException>(() => Parse($$"""{"normalizer": {{nested}}"""));
    }

    [Fact]
    public void TokenizerJson_BytesChangedAtRandom_LoadsOrIsRefused()
    {
        var random = new Random(11);
        var original = File.ReadAllBytes(Repository.Golden("tokenizers", "gpt2-bytelevel", "tokenizer.json"));
        for (var i = 0; i < 300; i++)
        {
            var bytes = Mutate(original, random);
            try
            {
                _ = Parse(bytes).Encode("It's a reward model, 123!");
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("tokenizer.json", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void SentencePieceModel_BytesChangedAtRandom_LoadsOrIsRefused()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(12);
        var original = File.ReadAllBytes(Repository.Golden("tokenizers", "spm-model", "tokenizer.model"));
        for (var i = 0; i < 300; i++)
        {
            File.WriteAllBytes(folder["tokenizer.model"], i == 0 ? original[..5000] : Mutate(original, random));
            try
            {
                _ = Tokenizer.Load(folder.Path).Encode("a reward");
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith(folder.Path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Load_NothingThere_SaysWhatWasLookedFor()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("tokenizer.json", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(folder["none"]));
        File.WriteAllText(folder["vocab.json"], "{}");
        Assert.Contains("merges.txt", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(folder["vocab.json"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b c")]
    [InlineData("x y")]
    public void MergesTxt_LineThatIsNoMerge_IsNamed(string line)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["vocab.json"], """{"a": 0, "b": 1, "ab": 2}""");
        File.WriteAllText(folder["merges.txt"], $"#version: 0.2\na b\n{line}\n");
        Assert.Contains($"line 3 is '{line}'", Assert.Throws<InvalidDataException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TokenizerConfig_ClassWithOtherRules_IsNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["vocab.json"], """{"a": 0}""");
        File.WriteAllText(folder["merges.txt"], "");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class": "RobertaTokenizer"}""");
        Assert.Contains("RobertaTokenizer", Assert.Throws<InvalidDataException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    internal static Tokenizer Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    private static Tokenizer Parse(byte[] json)
    {
        var files = new TokenizerFiles("", new() { [TokenizerFiles.Json] = json });
        return new Tokenizer(files.Read(), files);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        for (var count = random.Next(1, 4); count > 0; count--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
