using UmmRm.Tests.Weights;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class TokenizerTests
{
    private static Tokenizer Load(string name) => Tokenizer.Load(Repository.Golden("tokenizers", name));

    [Theory]
    [InlineData("gpt2-bytelevel")]
    [InlineData("qwen2-like")]
    [InlineData("llama3-like")]
    [InlineData("spm-like")]
    [InlineData("spm-metaspace")]
    [InlineData("neox-like")]
    public void TokenizerJson_EveryReferenceLine_GivesTheSameIdsTokensOffsetsAndText(string name)
    {
        var tokenizer = Load(name);
        TokenizerVectors.AssertEncoding(tokenizer, Repository.Golden("tokenizers", name));
        TokenizerVectors.AssertDecoding(tokenizer, Repository.Golden("tokenizers", name));
    }

    [Theory]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void VocabularyAndMerges_EveryReferenceLine_GiveWhatTokenizerJsonGives(string file)
    {
        var tokenizer = Tokenizer.Load(Repository.Golden("tokenizers", "gpt2-bytelevel", file));
        foreach (var row in TokenizerVectors.Read(Repository.Golden("tokenizers", "gpt2-bytelevel", "vectors.jsonl.gz")))
        {
            var ids = TokenizerVectors.Ids(row.GetProperty("ids"));
            Assert.Equal(ids, tokenizer.Encode(row.GetProperty("text").GetString()!));
            Assert.Equal(row.GetProperty("decoded_skip_special").GetString(), tokenizer.Decode(ids, skipSpecialTokens: true));
        }
    }

    [Fact]
    public void SentencePieceModel_EveryReferenceLine_GivesSentencePiecesIdsAndText() =>
        TokenizerVectors.AssertSentencePiece(Load("spm-model"), Repository.Golden("tokenizers", "spm-model"));

    [Theory]
    [InlineData("gpt2")]
    [InlineData("neox")]
    [InlineData("qwen2.5")]
    [InlineData("llama2")]
    [InlineData("llama3")]
    public void RealTokenizer_EveryReferenceLine_GivesTheSameIdsTokensOffsetsAndText(string name)
    {
        var folder = Repository.SharedData("tokenizers", name);
        var tokenizer = Tokenizer.Load(folder);
        TokenizerVectors.AssertEncoding(tokenizer, folder);
        TokenizerVectors.AssertDecoding(tokenizer, folder);
    }

    [Fact]
    public void RealSentencePieceModel_EveryReferenceLine_GivesSentencePiecesIds()
    {
        var folder = Repository.SharedData("tokenizers", "llama2");
        TokenizerVectors.AssertSentencePiece(Tokenizer.Load(Path.Combine(folder, "tokenizer.model")), folder);
    }

    [Theory]
    [InlineData("llama3-like", 1519, 1512, 1517, 1514)]
    [InlineData("qwen2-like", 1505, null, 1502, 1500)]
    [InlineData("neox-like", 931, 0, 0, 1)]
    [InlineData("spm-like", 1364, 1, 2, 1362)]
    public void NamedTokens_OfTheConfiguration_AreFound(string name, int size, int? bos, int? eos, int? pad)
    {
        var tokenizer = Load(name);
        Assert.Equal((size, bos, eos, pad), (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
    }

    [Fact]
    public void Vocabulary_OfALlama3LikeFile_IsKnownBothWays()
    {
        var tokenizer = Load("llama3-like");
        Assert.Equal([1512], tokenizer.PrefixIds);
        Assert.Empty(tokenizer.SuffixIds);
        Assert.Equal("<|eot_id|>", tokenizer.TokenOf(1517));
        Assert.Equal(1517, tokenizer.IdOf("<|eot_id|>"));
        Assert.True(tokenizer.IsSpecial(1517));
        Assert.Equal("\u0120t", tokenizer.TokenOf(tokenizer.IdOf("\u0120t")!.Value));
        Assert.False(tokenizer.IsSpecial(tokenizer.IdOf("\u0120t")!.Value));
        Assert.Null(tokenizer.IdOf("no such token"));
        Assert.Null(tokenizer.TokenOf(99_999));
        Assert.Null(tokenizer.TokenOf(-1));
    }

    [Fact]
    public void Decode_IdsThatNoTokenHas_AreLeftOut()
    {
        var tokenizer = Load("qwen2-like");
        int[] ids = tokenizer.Encode("a reward");
        Assert.Equal("a reward", tokenizer.Decode([99_999, .. ids, -1]));
    }

    [Theory]
    [InlineData("\uD800")]
    [InlineData("a\uDC00b")]
    [InlineData("\uDC00\uD800 x \uD83D")]
    public void Encode_LoneSurrogates_CountAsReplacementCharacters(string text)
    {
        var replaced = text.Replace('\uD800', '\uFFFD').Replace('\uDC00', '\uFFFD').Replace('\uD83D', '\uFFFD');
        foreach (var name in (string[])["qwen2-like", "spm-like"])
            Assert.Equal(Load(name).Encode(replaced), Load(name).Encode(text));
        Assert.Equal(text.Length, Load("qwen2-like").EncodeWithOffsets(text).Offsets[^1].End);
    }

    [Fact]
    public void Utf16Offsets_AstralCharacters_TakeTwoUnits()
    {
        var record = Load("gpt2-bytelevel").EncodeWithOffsets("\U0001D400b");
        Assert.Equal(new TokenSpan(0, 1), record.Offsets[0]);
        Assert.Equal(new TokenSpan(1, 2), record.Offsets[^1]);
        Assert.Equal(new TokenSpan(0, 2), record.Utf16Offsets()[0]);
        Assert.Equal(new TokenSpan(2, 3), record.Utf16Offsets()[^1]);
    }

    [Theory]
    [InlineData("spm-like", "tokenizer.json", "tokenizer_config.json")]
    [InlineData("gpt2-bytelevel/vocab.json", "merges.txt", "tokenizer_config.json", "vocab.json")]
    [InlineData("spm-model/tokenizer.model", "tokenizer.model")]
    public void Save_ALoadedTokenizer_WritesItsFilesByteForByte(string source, params string[] files)
    {
        using var folder = new TemporaryFolder();
        var path = Repository.Golden("tokenizers", source);
        Tokenizer.Load(path).Save(folder["copy"]);
        Assert.Equal(files, Directory.EnumerateFiles(folder["copy"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        foreach (var file in files)
            Assert.Equal(File.ReadAllBytes(Path.Combine(File.Exists(path) ? Path.GetDirectoryName(path)! : path, file)), File.ReadAllBytes(Path.Combine(folder["copy"], file)));
    }

    [Fact]
    public void Load_FileOfAnyName_IsSavedUnderTheNameThatOthersLookFor()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Repository.Golden("tokenizers", "spm-like", "tokenizer.json"), folder["mine.json"]);
        Tokenizer.Load(folder["mine.json"]).Save(folder["copy"]);
        Assert.True(File.Exists(Path.Combine(folder["copy"], "tokenizer.json")));
    }

    [Fact]
    public void SentencePieceModel_ConfigurationThatAddsBos_PutsItBeforeTheText()
    {
        using var folder = new TemporaryFolder();
        var copy = folder.CopyOf(Repository.Golden("tokenizers", "spm-model"), "spm");
        File.WriteAllText(Path.Combine(copy, "tokenizer_config.json"), """{"add_bos_token": true, "bos_token": {"content": "<s>"}, "eos_token": "</s>"}""");
        var tokenizer = Tokenizer.Load(copy);
        Assert.Equal([1], tokenizer.PrefixIds);
        Assert.Equal(2, tokenizer.EosId);
        Assert.Equal([1, .. Load("spm-model").Encode("the reward")], tokenizer.Encode("the reward"));
    }

    [Fact]
    public void Encode_OnManyThreads_GivesWhatOneThreadGives()
    {
        var tokenizer = Load("llama3-like");
        var rows = TokenizerVectors.Read(Repository.Golden("tokenizers", "llama3-like", "vectors.jsonl.gz")).ToList();
        Parallel.For(0, 4, i =>
        {
            foreach (var row in rows.Skip(i * 50))
                Assert.Equal(TokenizerVectors.Ids(row.GetProperty("ids")), tokenizer.Encode(row.GetProperty("text").GetString()!));
        });
    }
}
