using UmmRm.Data;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Rewards;

public sealed class PreferenceLabelsTests
{
    private static readonly Conversation Prompt = Conversation.FromPrompt("p");
    private static readonly TableReward Gold = new("gold", ("bad", -1), ("good", 2), ("also good", 2));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Order_ByGold_PutsTheBetterFirstAndDropsTies()
    {
        Completion[] first = [new(Prompt, "bad", Ended: false), new(Prompt, "good"), new(Prompt, "good")];
        Completion[] second = [new(Prompt, "good"), new(Prompt, "also good"), new(Prompt, "bad")];
        var labels = PreferenceLabels.Order(first, second, Gold, Cancellation);
        Assert.Equal([new LabelledPair(0, second[0], first[0], 3, false), new LabelledPair(2, first[2], second[2], 3, false)], labels.Pairs);
        Assert.Equal(1, labels.Ties);
        Assert.False(labels.Pairs[0].Rejected.Ended);
    }

    [Fact]
    public void WithNoise_AQuarter_FlipsAQuarterOfTheLabelsAndCountsThem()
    {
        Completion[] first = [.. Enumerable.Repeat(new Completion(Prompt, "good"), 10_000)];
        Completion[] second = [.. Enumerable.Repeat(new Completion(Prompt, "bad"), 10_000)];
        var labels = PreferenceLabels.Order(first, second, Gold, Cancellation).WithNoise(0.25, new SeededRandom(1));
        Assert.InRange(labels.Flipped, 2_320, 2_680); // 4 standard deviations
        Assert.All(labels.Pairs, pair => Assert.Equal(pair.Flipped ? "bad" : "good", pair.Chosen.Response));
        Assert.All(labels.Pairs, pair => Assert.Equal(pair.Flipped ? "good" : "bad", pair.Rejected.Response));
    }

    [Fact]
    public void Order_DifferentPrompts_IsRefusedByRow()
    {
        Completion[] first = [new(Prompt, "good"), new(Prompt, "good")];
        Completion[] second = [new(Conversation.FromPrompt("p"), "bad"), new(Conversation.FromPrompt("q"), "bad")];
        Assert.StartsWith("row 1: ", Assert.Throws<ArgumentException>(() => PreferenceLabels.Order(first, second, Gold, Cancellation)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PreferenceLabels.Order(first, second[..1], Gold, Cancellation));
    }

    [Fact]
    public void Order_GoldThatIsNotFinite_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => PreferenceLabels.Order([new(Prompt, "x")], [new(Prompt, "y")], new TableReward("gold", ("x", 0), ("y", double.NaN)), Cancellation));

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void WithNoise_NotAProbability_IsRefused(double noise) =>
        Assert.Throws<ArgumentException>(() => new PreferenceLabels([], 0).WithNoise(noise, new SeededRandom(0)));
}
