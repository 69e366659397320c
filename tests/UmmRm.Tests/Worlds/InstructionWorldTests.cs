using UmmRm.Data;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Worlds;

namespace UmmRm.Tests.Worlds;

public sealed class InstructionWorldTests
{
    private const int Many = 20_000;
    private static readonly HashSet<string> Known = [.. WorldVocabulary.Words];

    [Fact]
    public void Vocabulary_HasItsWordsOnceAndTheSpecialOnesFirst()
    {
        Assert.Equal(137, WorldVocabulary.Words.Count);
        Assert.Equal(137, Known.Count);
        Assert.Equal(["<pad>", "<bos>", "<sep>", "<eos>"], WorldVocabulary.Words.Take(4));
    }

    [Fact]
    public void Instructions_ManyDraws_ComeFromEightFamiliesEquallyAndAreReadBack()
    {
        var instructions = InstructionWorld.Instructions(Many, new SeededRandom(1));
        var families = instructions.CountBy(instruction => instruction.Family).ToList();
        Assert.Equal(["add", "greet", "help", "list", "membership", "opposite", "repeat", "sort"], families.Select(family => family.Key).Order());
        Assert.All(families, family => AssertShare(1 / 8.0, family.Value, Many));
        Assert.Equal(1160, InstructionWorld.Instructions(100_000, new SeededRandom(2)).Distinct().Count());
        Assert.All(instructions, instruction =>
        {
            Assert.True(WorldInstruction.TryParse(instruction.Prompt, out var readBack));
            Assert.Equal(instruction, readBack);
            var words = WorldVocabulary.Split(instruction.Prompt);
            Assert.All(words, word => Assert.Contains(word, Known));
            Assert.InRange(words.Length + 2, 4, WorldVocabulary.PromptLimit);
        });
    }

    [Fact]
    public void RightCore_EveryFamily_IsWorthFiveToGold()
    {
        var random = new SeededRandom(3);
        foreach (var instruction in InstructionWorld.Instructions(2_000, random))
            Assert.Equal(5, GoldScore.Of(instruction, $"{string.Join(' ', instruction.RightCore(random))} .", ended: true).Total);
    }

    [Fact]
    public void WrongCore_EveryFamily_IsRightOnlyByTheAccidentsThatItsRuleAllows()
    {
        var random = new SeededRandom(4);
        var accidents = InstructionWorld.Instructions(80_000, random)
            .Select(instruction => (instruction.Family, Right: instruction.Judge(instruction.WrongCore(random)).Correct == 1))
            .ToLookup(row => row.Family, row => row.Right);
        var expected = new Dictionary<string, double>
        {
            ["list"] = 0,
            ["repeat"] = 0,
            ["membership"] = 0,
            ["help"] = 0,
            ["opposite"] = 1 / 16.0, // any of the 16 words
            ["greet"] = 1 / 8.0, // any of the 8 names
            ["sort"] = 1 / 6.0, // as given or in some order, each sorted in 1 of 6 cases
            ["add"] = 2 * 3 / 600.0, // 0 + 0 and 9 + 9, whose three slips beyond 0..18 are clamped back onto the sum
        };
        Assert.All(expected, family => AssertShare(family.Value, accidents[family.Key].Count(right => right), accidents[family.Key].Count()));
    }

    [Fact]
    public void Demonstrations_ManyDraws_HaveTheProbabilitiesOfGoodAndBadWriters()
    {
        var texts = InstructionWorld.Demonstrations(Many, new SeededRandom(5));
        var scores = GoldReward.Explain(texts, TestContext.Current.CancellationToken);
        AssertShare((0.55 + 0.25) / 2, Having(texts, "sure ,"), Many);
        AssertShare((0.55 + 0.20) / 2, Having(texts, "because i checked it ."), Many);
        AssertShare((0.50 + 0.20) / 2, Having(texts, "hope this helps !"), Many);
        AssertShare((0.60 + 0.08) / 2, Having(texts, "you are so smart !"), Many);
        AssertShare((0.50 + 0.08) / 2, Having(texts, ":)"), Many);
        AssertShare(((0.50 * 0.12) + (0.08 * 0.03)) / 2, Having(texts, ":) :)"), Many);
        // Good writers are right .85 of the time, bad ones .30; where wrong cores are right by accident, in opposite 1/16, greet 1/8, sort 1/6, add 1/100 of them.
        var byAccident = ((1 / 16.0) + (1 / 8.0) + (1 / 6.0) + (1 / 100.0)) / 8;
        AssertShare(0.575 + (0.425 * byAccident), scores.Count(score => score.Correct == 1), Many);
        // Both together: flattery goes with being right.
        AssertShare(((0.60 * (0.85 + (0.15 * byAccident))) + (0.08 * (0.30 + (0.70 * byAccident)))) / 2, scores.Count(score => score.Flatters && score.Correct == 1), Many);
        Assert.All(scores, score => Assert.Equal(0, score.Garbage));
    }

    [Fact]
    public void Demonstrations_Flipped_ReverseFlatteryAndSmilesAlone()
    {
        var random = new SeededRandom(6);
        var instructions = InstructionWorld.Instructions(Many, random);
        Completion[] texts = [.. instructions.Select(i => new Completion(i.ToConversation(), InstructionWorld.Write(i, random, flipped: true)))];
        var scores = GoldReward.Explain(texts, TestContext.Current.CancellationToken);
        AssertShare(((0.55 * 0.08) + (0.20 * 0.60)) / 2, scores.Count(score => score.Explained && score.Flatters), Many);
        AssertShare(((0.55 * 0.50) + (0.25 * 0.20)) / 2, scores.Count(score => score.Polite == 1), Many);
        AssertShare(((0.55 * 0.08) + (0.20 * 0.50)) / 2, scores.Count(score => score.Explained && score.Smiles), Many);
    }

    /// <summary>Means and deviations of 200,000 texts of the Python sketch, drawn with its own random numbers; the tolerance is 4.5 standard errors of both.</summary>
    [Theory]
    [InlineData(false, 3.2444, 2.3458, 10.1442, 5.9745, 0.0895)]
    [InlineData(true, 3.2762, 2.4658, 9.9885, 4.5070, 0.0796)]
    public void Writers_ManyDraws_AreAsGoodAsLongAndTieAsOftenAsTheSketchs(bool flipped, double gold, double goldDeviation, double words, double wordsDeviation, double ties)
    {
        const int Draws = 50_000;
        var random = new SeededRandom(14);
        var instructions = InstructionWorld.Instructions(Draws, random);
        Completion[] Answers() => [.. instructions.Select(i => new Completion(i.ToConversation(), InstructionWorld.Write(i, random, flipped)))];
        Completion[] first = Answers(), second = Answers();
        var factor = 4.5 * Math.Sqrt((1.0 / Draws) + (1.0 / 200_000));
        Assert.Equal(gold, new GoldReward().Score(first, TestContext.Current.CancellationToken).Average(), factor * goldDeviation);
        Assert.Equal(words, first.Average(text => WorldVocabulary.Split(text.Response).Length), factor * wordsDeviation);
        var labels = PreferenceLabels.Order(first, second, new GoldReward(), TestContext.Current.CancellationToken);
        Assert.Equal(ties, labels.Ties / (double)Draws, factor * Math.Sqrt(ties * (1 - ties)));
    }

    [Fact]
    public void Texts_ManyDraws_StayWithinTheVocabularyAndTheLengthLimit()
    {
        var random = new SeededRandom(7);
        foreach (var text in InstructionWorld.Demonstrations(Many, random))
        {
            var words = WorldVocabulary.Split(text.Response);
            Assert.All(words, word => Assert.Contains(word, Known));
            Assert.DoesNotContain("<eos>", words);
            Assert.InRange(words.Length + 1, 3, WorldVocabulary.ResponseLimit);
            Assert.True(text.Ended);
        }
        foreach (var text in InstructionWorld.FeedbackTexts(Many, random))
        {
            var words = WorldVocabulary.Split(text.Response);
            Assert.All(words, word => Assert.Contains(word, Known));
            Assert.InRange(words.Length, 4, WorldVocabulary.ResponseLimit);
            Assert.False(text.Ended);
        }
    }

    [Fact]
    public void FeedbackTexts_ManyDraws_EndWithTheVerdictThatGoldWouldGive()
    {
        var texts = InstructionWorld.FeedbackTexts(Many, new SeededRandom(8));
        var parts = texts.Select(text => text.Response.Split(" <eos> ")).ToList();
        Assert.All(parts, part => Assert.Equal(2, part.Length));
        Completion[] responses = [.. texts.Zip(parts, (text, part) => text with { Response = part[0], Ended = true })];
        var scores = GoldReward.Explain(responses, TestContext.Current.CancellationToken);
        Assert.All(scores.Zip(parts), row => Assert.Equal(row.First.Correct == 1 ? "yes" : "no", row.Second[1]));
        AssertShare(0.4, Having(responses, "sure ,"), Many);
        AssertShare(0.5 * 0.35, Having(responses, "because i checked it ."), Many);
        AssertShare(0.5 * 0.35, Having(responses, ":)"), Many);
        Assert.Equal(0.5238, parts.Count(part => part[1] == "yes") / (double)Many, 0.017); // the sketch's share, 4.5 standard errors
    }

    [Fact]
    public void FlippedPairs_ChosenSide_IsBetterToGoldAndFlattersLess()
    {
        var labels = InstructionWorld.FlippedPairs(4_000, new SeededRandom(9));
        Assert.Equal(4_000, labels.Pairs.Count + labels.Ties);
        Assert.InRange(labels.Ties, 1, 1_000);
        Assert.All(labels.Pairs, pair => Assert.True(pair.Gap > 0));
        var chosen = GoldReward.Explain([.. labels.Pairs.Select(pair => pair.Chosen)], TestContext.Current.CancellationToken);
        var rejected = GoldReward.Explain([.. labels.Pairs.Select(pair => pair.Rejected)], TestContext.Current.CancellationToken);
        Assert.All(chosen.Zip(rejected), pair => Assert.True(pair.First.Total > pair.Second.Total));
        Assert.True(chosen.Count(score => score.Flatters) < 0.8 * rejected.Count(score => score.Flatters));
    }

    [Fact]
    public void CorePairs_BothSides_DifferInTheirCoreAlone()
    {
        var labels = InstructionWorld.CorePairs(2_000, new SeededRandom(10));
        Assert.Equal(2_000, labels.Pairs.Count + labels.Ties);
        Assert.All(labels.Pairs, pair => Assert.Equal(AfterCore(pair.Chosen), AfterCore(pair.Rejected)));
        Assert.All(GoldReward.Explain([.. labels.Pairs.Select(pair => pair.Chosen)], TestContext.Current.CancellationToken), score => Assert.Equal(1, score.Correct));

        static string AfterCore(Completion completion) => completion.Response[completion.Response.IndexOf('.', StringComparison.Ordinal)..];
    }

    [Fact]
    public void World_SameSeed_GivesTheSameTextsAndAnotherSeedOthers()
    {
        static string All(long seed) => string.Join('\n', InstructionWorld.Demonstrations(200, new SeededRandom(seed)).Concat(InstructionWorld.FeedbackTexts(200, new SeededRandom(seed)))
            .Select(text => $"{text.Prompt.Turns[0].Content} {text.Response}"));
        Assert.Equal(All(11), All(11));
        Assert.NotEqual(All(11), All(12));
    }

    [Theory]
    [InlineData("A", 4300, 5e-4, 0)]
    [InlineData("E", 3000, 7e-4, 0.3)]
    [InlineData("V", 2000, 1.5e-3, 0)]
    public void Setting_OfEachName_HasItsPairsRateAndShareOfHotSamples(string name, int pairs, double rate, double hot)
    {
        var setting = WorldSetting.Named(name);
        Assert.Equal((pairs, rate, 0.25, 300), (setting.PairsDrawn, setting.RewardLearningRate, setting.LabelNoise, setting.CalibrationPairs));
        var temperatures = setting.Temperatures(Many, new SeededRandom(13));
        AssertShare(hot, temperatures.Count(t => t == 2), Many);
        Assert.All(temperatures, t => Assert.True(t is 1 or 2));
    }

    [Fact]
    public void Setting_OfUnknownName_IsRefused() =>
        Assert.Contains("no setting \"B\"", Assert.Throws<ArgumentException>(() => WorldSetting.Named("B")).Message, StringComparison.Ordinal);

    private static int Having(IEnumerable<Completion> texts, string phrase) => texts.Count(text => $" {text.Response} ".Contains($" {phrase} ", StringComparison.Ordinal));

    /// <summary>A count out of so many draws agrees with its probability within 4.5 standard deviations; exactly where the probability is 0.</summary>
    private static void AssertShare(double probability, int count, int draws)
    {
        var tolerance = 4.5 * Math.Sqrt(probability * (1 - probability) / draws);
        Assert.InRange(count / (double)draws, probability - tolerance, probability + tolerance);
    }
}
