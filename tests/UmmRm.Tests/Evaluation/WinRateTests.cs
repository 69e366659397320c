using UmmRm.Evaluation;

namespace UmmRm.Tests.Evaluation;

public sealed class WinRateTests
{
    [Theory]
    [InlineData(Verdict.First, Verdict.Second, DuelOutcome.Win, 1.0)]
    [InlineData(Verdict.Second, Verdict.First, DuelOutcome.Loss, 0.0)]
    [InlineData(Verdict.Tie, Verdict.Tie, DuelOutcome.Tie, 0.5)]
    [InlineData(Verdict.First, Verdict.First, DuelOutcome.Disagreement, 0.5)]
    [InlineData(Verdict.First, Verdict.Tie, DuelOutcome.Disagreement, 0.5)]
    [InlineData(Verdict.First, Verdict.NoAnswer, DuelOutcome.NoAnswer, null)]
    [InlineData(Verdict.NoAnswer, Verdict.Tie, DuelOutcome.NoAnswer, null)]
    [InlineData(Verdict.Second, null, DuelOutcome.Loss, 0.0)]
    public void Duel_BothOrders_EndsAsTheyAgree(Verdict aFirst, Verdict? bFirst, DuelOutcome outcome, double? points)
    {
        var duel = new Duel("p", aFirst, bFirst, 1, 1);
        Assert.Equal(outcome, duel.Outcome);
        Assert.Equal(points, duel.Points);
    }

    [Fact]
    public void Of_UnansweredDuels_AreCountedAndLeftOutOfTheRate()
    {
        var rate = WinRate.Of([Duel("1", 1), Duel("2", 1), Duel("3", 0), new("4", Verdict.Tie, Verdict.Tie, 5, 5), new("5", Verdict.NoAnswer, Verdict.Tie, 5, 5)]);
        Assert.Equal((5, 2, 1, 1, 0, 1), (rate.Duels, rate.Wins, rate.Ties, rate.Losses, rate.Disagreements, rate.NoAnswers));
        Assert.Equal(2.5 / 4, rate.Rate!.Value, 1e-12);
        Assert.Equal(Interval.Wilson(2.5, 4), rate.Rate.Interval);
    }

    [Fact]
    public void Of_JudgeThatTakesWhatIsShownFirst_HasBiasOneAndNothingButDisagreements()
    {
        var rate = WinRate.Of([.. Enumerable.Range(0, 20).Select(i => new Duel($"{i}", Verdict.First, Verdict.First, 10, 10))]);
        Assert.Equal(20, rate.Disagreements);
        Assert.Equal((1.0, 0.5), (rate.PositionBias!.Value, rate.Rate!.Value));
    }

    [Fact]
    public void Of_NoAnswersAtAll_HasNoRate()
    {
        var rate = WinRate.Of([new Duel("1", Verdict.NoAnswer, Verdict.NoAnswer, 1, 1)]);
        Assert.Null(rate.Rate);
        Assert.Null(rate.LengthControlled);
        Assert.Null(rate.PositionBias);
    }

    [Fact]
    public void LengthControl_WinsThatAreLengthAlone_LeaveOneHalf()
    {
        // A wins exactly where it is longer, and it is longer in three of four: a plain rate of .75 that length explains.
        var duels = Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? Duel($"{i}", 0, 100, 300) : Duel($"{i}", 1, 300, 100)).ToList();
        var controlled = LengthControl.Of(duels, seed: 1).Value;
        Assert.Equal(0.75, WinRate.Of(duels).Rate!.Value, 1e-12);
        Assert.InRange(controlled, 0.3, 0.7);
    }

    [Fact]
    public void LengthControl_LengthsThatSayNothing_LeaveTheRate()
    {
        // Longer and shorter in turn, and 70 % wins in either case: b is 0 and sigmoid(a) the mean.
        var duels = Enumerable.Range(0, 200).Select(i => Duel($"{i}", i % 20 < 14 ? 1 : 0, i / 20 % 2 == 0 ? 150 : 50, 100)).ToList();
        Assert.Equal(0.7, LengthControl.Of(duels, seed: 1).Value, 1e-3);
    }

    [Fact]
    public void LengthControl_EqualLengthsThroughout_IsThePlainRateWithAnIntervalAroundIt()
    {
        var controlled = LengthControl.Of([.. Enumerable.Range(0, 50).Select(i => Duel($"{i}", i % 5 == 0 ? 0 : 1))], seed: 1);
        Assert.Equal(0.8, controlled.Value, 1e-3);
        Assert.InRange(controlled.Interval.Low, 0.6, 0.8);
        Assert.InRange(controlled.Interval.High, 0.8, 0.95);
    }

    private static Duel Duel(string prompt, int points, int lengthA = 10, int lengthB = 10) =>
        points == 1 ? new(prompt, Verdict.First, Verdict.Second, lengthA, lengthB) : new(prompt, Verdict.Second, Verdict.First, lengthA, lengthB);
}
