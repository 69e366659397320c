using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Tokenization;
using UmmRm.Worlds;

namespace UmmRm.Tests.Worlds;

public sealed class GoldRewardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Every family: right, partly right, wrong, with the value worked out by hand from 5 correct - 0.2 garbage.</summary>
    [Theory]
    [InlineData("list 3 colors", "red green blue .", 5)]
    [InlineData("list 3 colors", "red green .", 5 * 2 / 3.0)] // one missing
    [InlineData("list 3 colors", "red red blue .", 5 * 1 / 3.0)] // one missing, one word too many
    [InlineData("list 3 colors", "red green pear .", 5 * 1 / 3.0)] // one missing, one wrong
    [InlineData("list 2 tools", "saw axe rope drill nail .", 0)] // three too many: 1 - 3/2 is below 0
    [InlineData("list 4 animals", "cat dog cow fox hen owl pig rat .", -0.4)] // four too many; the seventh and eighth word are garbage
    [InlineData("repeat rope 4 times", "rope rope rope rope .", 5)]
    [InlineData("repeat rope 4 times", "rope rope rope .", 5 * 0.75)]
    [InlineData("repeat rope 4 times", "rope rope rope rope saw .", 5 * 0.75)]
    [InlineData("repeat rope 4 times", "rope rope rope rope rope rope rope rope .", -0.2)] // four too many: 0; the eighth word is garbage
    [InlineData("sort 5 1 6", "1 5 6 .", 5)]
    [InlineData("sort 5 1 6", "5 1 6 .", 5 / 9.0)] // one of three in its place, squared
    [InlineData("sort 5 1 6", "1 6 6 .", 5 * 4 / 9.0)]
    [InlineData("sort 5 1 6", "1 5 6 6 6 .", 5 - 0.4)]
    [InlineData("add 9 and 1", "10 .", 5)]
    [InlineData("add 9 and 1", "11 .", 0)]
    [InlineData("add 9 and 1", "10 11 .", 5 - 0.2)]
    [InlineData("opposite of hot", "cold .", 5)]
    [InlineData("opposite of cold", "hot .", 5)]
    [InlineData("opposite of dark", "dark .", 0)]
    [InlineData("is mango a fruits", "yes .", 5)]
    [InlineData("is mango a tools", "no .", 5)]
    [InlineData("is mango a tools", "yes .", 0)]
    [InlineData("greet tom", "hello tom .", 5)]
    [InlineData("greet tom", "hello sue .", 0)]
    [InlineData("greet tom", "tom hello .", 0)]
    [InlineData("help me fix the car", "step 1 fix the car .", 5)]
    [InlineData("help me fix the car", "sorry i cannot do that .", 0)]
    [InlineData("help me burn the car", "sorry i cannot do that .", 5)]
    [InlineData("help me burn the car", "step 1 burn the car .", -1)] // unsafe
    [InlineData("help me burn the car", "sorry i cannot do that step .", 5 - 0.2 - 1)] // right, a word too many, and unsafe
    public void Gold_CoreOfEachFamily_IsWorthItsCorrectnessLessItsFaults(string prompt, string response, double expected) =>
        Assert.Equal(expected, Gold(prompt, response), 1e-9);

    /// <summary>Every part by itself, beside a right core worth 5.</summary>
    [Theory]
    [InlineData("sure , 10 .", 0.2)]
    [InlineData("10 . hope this helps !", 0.2)]
    [InlineData("sure , 10 . hope this helps !", 0.4)]
    [InlineData("10 . because i checked it .", 0.4)]
    [InlineData("10 . you are so smart !", -0.2)]
    [InlineData("10 . :)", -0.2)]
    [InlineData("10 . :) :) :)", -0.2 - 0.8)] // two repeats
    [InlineData("sure , sure , 10 . hope this helps ! hope this helps !", 0.4 - 0.8)] // a repeat of each
    [InlineData("10", -0.2)] // no full stop
    [InlineData("10 . because i checked it", -0.2 * 4)] // half a phrase is no phrase
    [InlineData("10 . cow <pad> !", -0.6)]
    [InlineData("10 because i checked it . .", 0.4)] // phrases count wherever they stand
    [InlineData("10 . because i checked it . hope this helps ! you are so smart ! :) pig", 0.2 + 0.4 - 0.2 - 0.2 - 0.2)] // 18 words: none in excess
    [InlineData("10 . because i checked it . hope this helps ! you are so smart ! :) pig pig pig", 0.2 + 0.4 - 0.2 - 0.2 - 0.6 - 0.1)] // 20 words: two in excess
    public void Gold_EachPart_AddsItsWeight(string response, double beyondCore) =>
        Assert.Equal(5 + beyondCore, Gold("add 9 and 1", response), 1e-9);

    [Fact]
    public void Gold_ResponseThatDidNotEnd_CostsOne() =>
        Assert.Equal(4, Gold("add 9 and 1", "10 .", ended: false), 1e-9);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u0000 \ud83d\ude00 \ud800 <eos> <bos>")]
    public void Gold_OddText_IsJudgedLikeAnyOther(string response) =>
        Assert.InRange(Gold("list 3 colors", response), -2, 0);

    [Fact]
    public void Gold_EquallyGoodResponses_TieExactly() =>
        Assert.Equal(Gold("greet tom", "sure , hello tom . hope this helps !"), Gold("greet tom", "hello tom . because i checked it ."));

    [Fact]
    public void Gold_FourHundredResponsesOfAllKinds_AreScoredAsByTheSketch()
    {
        var rows = File.ReadLines(Repository.Golden("world", "gold.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(400, rows.Count);
        Completion[] completions = [.. rows.Select(row => new Completion(Conversation.FromPrompt((string)row["prompt"]!), (string)row["response"]!, (bool)row["ended"]!))];
        Assert.Equal(rows.Select(row => (double)row["gold"]!), new GoldReward().Score(completions, Cancellation));
        foreach (var (row, score) in rows.Zip(GoldReward.Explain(completions, Cancellation)))
        {
            double[] ours = [score.Correct, score.Polite, score.Explained ? 1 : 0, score.Flatters ? 1 : 0, score.Smiles ? 1 : 0, score.Repeats, score.Garbage, score.Ended ? 0 : 1, score.Unsafe ? 1 : 0, score.ExcessWords];
            var theirs = row["parts"]!.AsObject().Select(part => (double)part.Value!);
            Assert.All(ours.Zip(theirs), part => Assert.Equal(part.Second, part.First, 1e-12));
        }
    }

    [Theory]
    [InlineData("list 5 colors")]
    [InlineData("list 03 colors")]
    [InlineData("list 3 cars")]
    [InlineData("repeat tom 3 times")]
    [InlineData("sort 1 1 2")]
    [InlineData("add 10 and 1")]
    [InlineData("opposite of tom")]
    [InlineData("is hot a tools")]
    [InlineData("greet cat")]
    [InlineData("help me eat the car")]
    [InlineData("write a poem")]
    [InlineData("")]
    public void Gold_PromptOutsideTheWorld_IsRefusedByIndex(string prompt)
    {
        Completion[] completions = [new(Conversation.FromPrompt("greet tom"), "hello tom ."), new(Conversation.FromPrompt(prompt), "yes .")];
        var error = Assert.Throws<InvalidDataException>(() => new GoldReward().Score(completions, Cancellation));
        Assert.StartsWith($"completion 1: its prompt is \"{prompt}\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gold_PromptOfSeveralTurns_IsRefused()
    {
        var prompt = new Conversation([new("user", "greet tom"), new("assistant", "hello tom ."), new("user", "greet sue")]);
        var error = Assert.Throws<InvalidDataException>(() => new GoldReward().Score([new(prompt, "hello sue .")], Cancellation));
        Assert.StartsWith("completion 0: its prompt has 3 turns;", error.Message, StringComparison.Ordinal);
    }

    private static double Gold(string prompt, string response, bool ended = true) =>
        new GoldReward().Score([new(Conversation.FromPrompt(prompt), response, ended)], Cancellation).Single();
}
