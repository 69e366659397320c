using System.Text.Json.Nodes;
using UmmRm.Tests.Weights;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class WordLevelTokenizerTests
{
    private static readonly string[] Special = ["<pad>", "<bos>", "<sep>", "<eos>"];

    private static Tokenizer World() => WordLevelTokenizer.Create(Special, [".", "list", "3", "colors"], bosToken: "<bos>", eosToken: "<eos>", padToken: "<pad>");

    [Fact]
    public void Encode_WordsAndSpecialTokens_AreTheirPlacesInTheList()
    {
        var tokenizer = World();
        Assert.Equal([1, 5, 6, 7, 2, 4, 3], tokenizer.Encode("<bos> list 3  colors\n<sep>.<eos>"));
        Assert.Equal((8, 1, 3, 0), (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Empty(tokenizer.PrefixIds);
    }

    [Fact]
    public void Decode_Ids_AreWordsJoinedWithSpaces()
    {
        Assert.Equal("<bos> list 3 colors <sep> . <eos>", World().Decode([1, 5, 6, 7, 2, 4, 3]));
        Assert.Equal("list 3 colors .", World().Decode([1, 5, 6, 7, 2, 4, 3], skipSpecialTokens: true));
    }

    [Fact]
    public void EncodeWithOffsets_Words_AreWhereTheyStand() =>
        Assert.Equal([new TokenSpan(0, 5), new TokenSpan(6, 10), new TokenSpan(12, 13)], World().EncodeWithOffsets("<bos> list  3").Offsets);

    [Fact]
    public void Encode_UnknownWord_IsTheUnknownTokenOrAnError()
    {
        var error = Assert.Throws<InvalidDataException>(() => World().Encode("list 4 colors"));
        Assert.Contains("'4'", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 0, 1], WordLevelTokenizer.Create(["<unk>"], ["a"], unknownToken: "<unk>").Encode("a b a"));
    }

    [Fact]
    public void Save_OnAFullDisk_WritesNoneOfItsFiles()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json"]) // whichever is written last
        {
            File.CreateSymbolicLink(Path.Combine(folder.Path, $"{name}.{Environment.ProcessId}.partial"), "/dev/full");
            Assert.Throws<IOException>(() => World().Save(folder.Path));
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        }
    }

    [Fact]
    public void Save_AndLoad_GiveTheSameTokenizer()
    {
        using var folder = new TemporaryFolder();
        World().Save(folder.Path);
        var loaded = Tokenizer.Load(folder.Path);
        Assert.Equal([1, 5, 6, 7, 2, 4, 3], loaded.Encode("<bos> list 3 colors <sep> . <eos>"));
        Assert.Equal((1, 3, 0), (loaded.BosId, loaded.EosId, loaded.PadId));
        var model = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!["model"]!;
        Assert.Equal(("WordLevel", "<unk>", 7), ((string?)model["type"], (string?)model["unk_token"], (int?)model["vocab"]!["colors"]));
    }

    [Theory]
    [InlineData("two words", "white space")]
    [InlineData("", "white space")]
    [InlineData("<sep>", "2 times")]
    public void Create_WordsThatCannotBe_AreRefused(string word, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => WordLevelTokenizer.Create(Special, [word])).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_NamedTokenThatIsNotSpecial_IsRefused() => Assert.Throws<ArgumentException>(() => WordLevelTokenizer.Create(Special, ["a"], eosToken: "a"));
}
