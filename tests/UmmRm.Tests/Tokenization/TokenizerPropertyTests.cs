using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

/// <summary>What holds for every text.</summary>
[Properties(Arbitrary = [typeof(AnyText)], MaxTest = 300)]
public sealed class TokenizerPropertyTests
{
    private static readonly Dictionary<string, Tokenizer> Tokenizers = ((string[])["gpt2-bytelevel", "qwen2-like", "llama3-like", "spm-like", "spm-metaspace", "neox-like", "spm-model"])
        .ToDictionary(name => name, name => Tokenizer.Load(Repository.Golden("tokenizers", name)));

    /// <summary>Texts of letters, digits, spaces, marks, astral characters, lone surrogates and pieces of special tokens.</summary>
    public static class AnyText
    {
        public static Arbitrary<string> Texts() => Arb.From(
            Gen.OneOf(
                Characters("abcstrevmlldSTREVMLLD'"), Characters(" \t\r\n\u00A0\u2028"), Characters("0123456789\u00BD\u2162"), Characters("e\u0301\u0323\u212B\u1100\u1161\u11A8\u0915\u093C"),
                Gen.Choose(0, 0xFFFF).Select(c => ((char)c).ToString()), Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32),
                Gen.Elements("<|endoftext|>", "<s>", "<|turn|>", "<|mask|>", "whole", "\u2581", "<0x0A>", "[INST]", "        ", "\u0120"))
                .ArrayOf().Select(string.Concat), Shrink);

        private static Gen<string> Characters(string pool) => Gen.Elements(pool.ToCharArray()).Select(c => c.ToString());

        private static IEnumerable<string> Shrink(string text) => Enumerable.Range(0, text.Length).Select(i => text.Remove(i, 1));
    }

    [Property]
    public void Encode_AnyText_GivesIdsOfTheVocabularyAndOffsetsInside(string text)
    {
        foreach (var (name, tokenizer) in Tokenizers)
        {
            var ids = tokenizer.Encode(text);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
            var record = tokenizer.EncodeWithOffsets(text);
            Assert.Equal(ids, record.Ids);
            Assert.All(record.Utf16Offsets(), span => Assert.True(span.Start >= 0 && span.Start <= span.End && span.End <= text.Length, $"{name}: {span}"));
            _ = tokenizer.Decode(ids, skipSpecialTokens: true);
        }
    }

    // No normalizer, bytes for everything: what comes back is the text, lone surrogates aside.
    [Property]
    public void Decode_OfByteLevelIds_GivesTheTextBack(string text)
    {
        var wellFormed = string.Concat(text.EnumerateRunes());
        Assert.Equal(wellFormed, Tokenizers["gpt2-bytelevel"].Decode(Tokenizers["gpt2-bytelevel"].Encode(text)));
        var llama = Tokenizers["llama3-like"];
        Assert.Equal(wellFormed, llama.Decode(llama.Encode(text, addSpecialTokens: false)));
    }

    // .NET's own engine, through the stand-ins of RegexPattern, is the oracle of the scanners.
    [Property]
    public void Gpt2Scanner_AnyText_CutsAsTheRegularExpression(string text) => AssertSameWords(new Gpt2Scanner(), Gpt2Scanner.Pattern, text);

    [Property]
    public void Llama3Scanner_TextWithoutLongS_CutsAsTheRegularExpression(string text)
    {
        const string contractions = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
        foreach (var (digits, pattern) in ((int, string)[])[(1, Llama3Scanner.Qwen2Pattern), (3, Llama3Scanner.Llama3Pattern)])
            AssertSameWords(new Llama3Scanner(digits), pattern.Replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)", contractions, StringComparison.Ordinal), text.Replace("\u017F", "", StringComparison.Ordinal));
    }

    // The definition of byte-pair encoding, done the slow way: look for the lowest rank, leftmost, merge it, look again.
    [Property]
    public void PairMerger_RandomMerges_MergeInTheOrderOfTheDefinition(byte[] symbols, int seed)
    {
        var random = new Random(seed);
        var table = new MergeTable(40);
        Dictionary<(int, int), (int Rank, int Product)> merges = [];
        for (var rank = 0; rank < 40; rank++)
        {
            var (left, right, product) = (random.Next(12), random.Next(12), random.Next(4, 12));
            table.Set(left, right, rank, product);
            merges[(left, right)] = (rank, product);
        }
        var expected = symbols.Select(symbol => symbol % 4).ToList();
        while (Enumerable.Range(0, Math.Max(0, expected.Count - 1)).Where(i => merges.ContainsKey((expected[i], expected[i + 1]))).OrderBy(i => (merges[(expected[i], expected[i + 1])].Rank, i)).Select(i => (int?)i).FirstOrDefault() is { } at)
        {
            expected[at] = merges[(expected[at], expected[at + 1])].Product;
            expected.RemoveAt(at + 1);
        }
        var row = symbols.Select(symbol => new Symbol { Id = symbol % 4, Width = 1 }).ToArray();
        var count = PairMerger.Merge(table, row);
        Assert.Equal(expected, row.Take(count).Select(symbol => symbol.Id));
        Assert.Equal(symbols.Length, row.Take(count).Sum(symbol => symbol.Width));
    }

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('\u0301')]
    [InlineData('\u4E2D')]
    [InlineData('\u2581')]
    [InlineData('<')]
    public void Encode_OneWordOfAMillionCharacters_TakesSeconds(char character)
    {
        var text = new string(character, 1_000_000);
        foreach (var name in (string[])["qwen2-like", "spm-like"])
        {
            var clock = Stopwatch.StartNew();
            Assert.NotEmpty(Tokenizers[name].Encode(text));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{name} took {clock.Elapsed}");
        }
    }

    [Fact]
    public void RegexPattern_ThatBacktracksWithoutEnd_IsStopped()
    {
        var error = Assert.Throws<InvalidDataException>(() => new RegexPattern(@"(?:\p{L}\p{L}|\p{L})*\p{N}\p{N}").Find(new string('a', 60) + " x11", []));
        Assert.Contains("takes more than", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"\w+")]
    [InlineData(@"(?i:a)")]
    [InlineData(@"a++")]
    [InlineData(@"[a[bc]]")]
    [InlineData(@"[a&&b]")]
    [InlineData(@"\p{Han}")]
    [InlineData(@"^a")]
    [InlineData(@"\bx")]
    [InlineData("\u4E2D")]
    [InlineData(@"(a")]
    [InlineData(@"(a)\1")]
    public void RegexPattern_ThatCouldBeReadDifferently_IsRefused(string pattern) => Assert.Throws<NotSupportedException>(() => new RegexPattern(pattern));

    [Fact]
    public void RegexPattern_AstralLetters_AreLetters()
    {
        List<TokenSpan> matches = [];
        new RegexPattern(@"[^\s\p{N}]?\p{L}+|\p{N}").Find("\U00010400b \U0001D7D9\U0001F642c", matches);
        Assert.Equal([new TokenSpan(0, 3), new TokenSpan(4, 6), new TokenSpan(6, 9)], matches);
    }

    private static void AssertSameWords(WordScanner scanner, string pattern, string text)
    {
        text = string.Concat(text.EnumerateRunes());
        List<TokenSpan> expected = [], actual = [];
        new RegexPattern(pattern).Find(text, expected);
        scanner.Find(text, actual);
        Assert.Equal(expected, actual);
    }
}
