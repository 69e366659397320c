using System.Text.Json.Nodes;
using FsCheck.Xunit;
using UmmRm.Tests.Weights;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class BpeTrainerTests
{
    private const string End = "<|endoftext|>";

    [Fact]
    public void Train_FixtureCorpus_GivesTheReferenceTrainersMerges()
    {
        var training = TrainFixture();
        Assert.Equal(ReferenceMerges().Select(row => (row.Left, row.Right, row.Count)), training.Merges.Select(merge => (merge.Left, merge.Right, merge.Count)));
    }

    [Fact]
    public void Write_FixtureCorpus_IsTheReferenceLibrarysFile()
    {
        using var folder = new TemporaryFolder();
        TrainFixture().Write(folder.Path);
        var expected = JsonNode.Parse(File.ReadAllText(Repository.Golden("tokenizers", "trainer-expected.json")));
        Assert.True(JsonNode.DeepEquals(expected, Read(folder, "tokenizer.json")));
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"], folder.Entries);
    }

    [Fact]
    public void PlainBpe_FixtureCorpus_CountsAndTiesAsTheReferenceTrainer()
    {
        var vocabulary = Read(Repository.Golden("tokenizers", "trainer-expected.json"))["model"]!["vocab"]!.AsObject().ToDictionary(token => token.Key, token => token.Value!.GetValue<int>());
        var plain = PlainBpe.Train(FixtureLines(), 1000, 0, End);
        Assert.Equal(ReferenceMerges().Select(row => (vocabulary[row.Left], vocabulary[row.Right], row.Count, row.Tied)), plain.Merges);
    }

    [Property(MaxTest = 200)]
    public void Train_RandomText_MergesAsThePlainAlgorithm(byte[] letters, byte extra, byte minFrequency)
    {
        var text = string.Concat(letters.Select(letter => "aaaabbc  '\né"[letter % 12])) + "aab";
        var settings = new BpeTrainerSettings { VocabularySize = 258 + (extra % 64), MinFrequency = minFrequency % 4, SpecialTokens = ["!!", "ab"] };
        var training = BpeTrainer.Train(BpeTrainer.Lines([text]), settings);
        var plain = PlainBpe.Train(BpeTrainer.Lines([text]), settings.VocabularySize, settings.MinFrequency, "!!", "ab");
        var ids = training.Vocabulary.Index().ToDictionary(token => token.Item, token => token.Index);
        Assert.Equal(plain.Merges.Select(merge => (merge.Left, merge.Right, merge.Count)), training.Merges.Select(merge => (ids[merge.Left], ids[merge.Right], merge.Count)));
        Assert.Equal(plain.VocabularySize, training.Vocabulary.Count);
    }

    [Fact]
    public void Train_OneLongRunOfALetter_MergesToTheEnd()
    {
        // 2^k letters: (a,a) stands at 2^k - 1 places, then 2^(k-1) - 1, ... and no token is left alone.
        var training = BpeTrainer.Train([new string('a', 1 << 16)], new() { VocabularySize = 1000 });
        Assert.Equal(Enumerable.Range(1, 16).Reverse().Select(power => (1L << power) - 1), training.Merges.Select(merge => merge.Count));
    }

    [Fact]
    public void Train_SmallestVocabulary_HasNoMerges()
    {
        var training = BpeTrainer.Train(["aaaa"], new() { VocabularySize = 257, SpecialTokens = [End] });
        Assert.Empty(training.Merges);
        Assert.Equal(257, training.Vocabulary.Distinct().Count());
    }

    [Fact]
    public void Train_VocabularyBelowTheAlphabet_NamesTheSmallestPossible()
    {
        var error = Assert.Throws<ArgumentException>(() => BpeTrainer.Train(["a"], new() { VocabularySize = 257, EndToken = End, PadToken = "<|pad|>" }));
        Assert.Contains("257", error.Message, StringComparison.Ordinal);
        Assert.Contains("at least 258", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_SpecialTokenThatIsAByte_IsCountedOnce()
    {
        var training = BpeTrainer.Train(["abab"], new() { VocabularySize = 257, SpecialTokens = ["a"] });
        Assert.Equal(["a", "!", "\""], training.Vocabulary.Take(3));
        Assert.Equal([new BpeMerge("a", "b", 2)], training.Merges);
    }

    [Theory]
    [InlineData]
    [InlineData("", "")]
    public void Train_NoText_IsRefused(params string[] lines) =>
        Assert.Contains("no text", Assert.Throws<InvalidDataException>(() => BpeTrainer.Train(lines, new() { VocabularySize = 300 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Train_SettingsThatContradict_AreRefused()
    {
        Assert.Contains(End, Refused(new() { VocabularySize = 300, EndToken = End, PadToken = End }), StringComparison.Ordinal);
        Assert.Contains("empty", Refused(new() { VocabularySize = 300, SpecialTokens = [""] }), StringComparison.Ordinal);
        Assert.Contains("-1", Refused(new() { VocabularySize = 300, MinFrequency = -1 }), StringComparison.Ordinal);

        static string Refused(BpeTrainerSettings settings) => Assert.Throws<ArgumentException>(() => BpeTrainer.Train(["a"], settings)).Message;
    }

    [Fact]
    public void Train_HalfASurrogatePair_CountsAsTheReplacementCharacter()
    {
        var settings = new BpeTrainerSettings { VocabularySize = 300 };
        Assert.Equal(BpeTrainer.Train(["x\uFFFD\uFFFD \uFFFDy"], settings).Merges, BpeTrainer.Train(["x\uD83D\uD83D \uDE00y"], settings).Merges);
    }

    [Fact]
    public void Train_Progress_TellsTheSizeAfterEveryMerge()
    {
        var sizes = new List<int>();
        BpeTrainer.Train(FixtureLines(), new() { VocabularySize = 300 }, sizes.Add);
        Assert.Equal(Enumerable.Range(257, 44), sizes);
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => BpeTrainer.Train(FixtureLines(), new() { VocabularySize = 1000 }, size => Stop(size), cancellation.Token));
        Assert.Throws<OperationCanceledException>(() => BpeTrainer.Train(Endless(), new() { VocabularySize = 1000 }, null, cancellation.Token));

        void Stop(int size)
        {
            Assert.InRange(size, 0, 270);
            if (size == 270)
                cancellation.Cancel();
        }

        static IEnumerable<string> Endless()
        {
            while (true)
                yield return "a line\n";
        }
    }

    [Fact]
    public void Lines_AnyText_KeepsEveryNewlineWithItsLine() =>
        Assert.Equal(["a\n", "\n", "b\r\n", "c", "d\u2028e"], BpeTrainer.Lines(["a\n\nb\r\nc", "", "d\u2028e"]));

    [Fact]
    public void Write_NamedTokens_FollowTheSpecialOnesAndAreInTheConfig()
    {
        using var folder = new TemporaryFolder();
        var settings = new BpeTrainerSettings { VocabularySize = 300, SpecialTokens = ["<|turn|>", "<s>"], EndToken = "</s>", PadToken = "<pad>", BeginToken = "<s>" };
        BpeTrainer.Train(["some text"], settings).Write(folder["made/here"]);
        var tokenizer = Read(folder, "made/here/tokenizer.json");
        Assert.Equal(["<|turn|>", "<s>", "</s>", "<pad>"], tokenizer["added_tokens"]!.AsArray().Select(token => token!["content"]!.GetValue<string>()));
        Assert.Equal([0, 1, 2, 3], tokenizer["added_tokens"]!.AsArray().Select(token => token!["id"]!.GetValue<int>()));
        Assert.Equal(2, tokenizer["model"]!["vocab"]!["</s>"]!.GetValue<int>());
        var config = Read(folder, "made/here/tokenizer_config.json");
        Assert.Equal(("<s>", "</s>", "<pad>", "PreTrainedTokenizerFast"), (Text(config, "bos_token"), Text(config, "eos_token"), Text(config, "pad_token"), Text(config, "tokenizer_class")));
    }

    [Fact]
    public void Write_BeginToken_IsPutBeforeTextsAsTheReferenceTemplateDoes()
    {
        using var folder = new TemporaryFolder();
        BpeTrainer.Train(["some text"], new() { VocabularySize = 300, EndToken = End, BeginToken = "<s>" }).Write(folder.Path);
        // The template of the llama3-like reference tokenizer, with this token and id.
        var expected = JsonNode.Parse(
            """
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                      {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
            """);
        Assert.True(JsonNode.DeepEquals(expected, Read(folder, "tokenizer.json")["post_processor"]));
    }

    [Fact]
    public void Write_LoadedAsTokenizer_GivesAnyTextBackAfterTheBeginToken()
    {
        using var folder = new TemporaryFolder();
        BpeTrainer.Train(FixtureLines(), new() { VocabularySize = 600, EndToken = End, PadToken = "<pad>", BeginToken = "<s>" }).Write(folder.Path);
        var tokenizer = Tokenizer.Load(folder.Path);
        const string text = " Never seen: Ünïcode \U0001F600\t\r\n\n  12345 'tis\0 ";
        var ids = tokenizer.Encode(text);
        Assert.Equal((600, 2, 0, 1), (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Equal(2, ids[0]);
        Assert.Equal(text, tokenizer.Decode(ids, skipSpecialTokens: true));
        Assert.Equal([0], tokenizer.Encode(End, addSpecialTokens: false));
    }

    [Fact]
    public void Write_PlaceThatIsTaken_LeavesNothingHalfWritten()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["tokenizer.json"]);
        var training = BpeTrainer.Train(["some text"], new() { VocabularySize = 300 });
        Assert.ThrowsAny<Exception>(() => training.Write(folder.Path));
        Assert.DoesNotContain(folder.Entries, name => name.EndsWith(".partial", StringComparison.Ordinal));
    }

    private static BpeTraining TrainFixture() => BpeTrainer.Train(FixtureLines(), new() { VocabularySize = 1000, SpecialTokens = [End] });

    private static IEnumerable<string> FixtureLines() => BpeTrainer.Lines([File.ReadAllText(Repository.Golden("tokenizers", "train-corpus.txt"))]);

    private static IEnumerable<(string Left, string Right, long Count, int Tied)> ReferenceMerges() =>
        from line in File.ReadLines(Repository.Golden("tokenizers", "trainer-merges.jsonl"))
        let row = JsonNode.Parse(line)!
        select (Text(row, "left"), Text(row, "right"), row["count"]!.GetValue<long>(), row["tied"]!.GetValue<int>());

    private static string Text(JsonNode node, string key) => node[key]!.GetValue<string>();

    private static JsonNode Read(TemporaryFolder folder, string name) => Read(folder[name]);

    private static JsonNode Read(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
