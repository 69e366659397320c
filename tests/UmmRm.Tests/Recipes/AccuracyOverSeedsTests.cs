using UmmRm.Evaluation;
using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class AccuracyOverSeedsTests
{
    private static readonly IReadOnlyList<IReadOnlyList<AccuracyResult>> Runs =
    [
        [Result("dense", .70), Result("merged", .72)],
        [Result("dense", .60), Result("merged", .66)],
        [Result("dense", .65), Result("merged", .69)],
    ];

    /// <summary>Differences .02, .06, .04: mean .04, standard error .02 / sqrt(3), t(2) = 4.303 at 97.5 %.</summary>
    [Fact]
    public void Of_ThreeSeeds_IsThePairedTIntervalOfTheDifferences()
    {
        var results = AccuracyOverSeeds.Of(Runs, "dense");
        Assert.Null(results[0].Difference);
        Assert.Equal(.65, results[0].Mean, 12);
        var difference = results[1].Difference!;
        Assert.Equal(.04, difference.Mean, 12);
        Assert.Equal(.04 - (4.302652729911275 * .02 / Math.Sqrt(3)), difference.Interval.Low, 9);
    }

    [Fact]
    public void Table_OfADifferenceWhoseIntervalHoldsZero_HasNoStar()
    {
        var text = AccuracyOverSeeds.Table(AccuracyOverSeeds.Of(Runs, "dense")).ToText();
        Assert.Contains("merged  .690 +.040 [-.010, +.090]\n", text, StringComparison.Ordinal);
        Assert.Matches(@"dense +\.650\n", text);
    }

    [Fact]
    public void Verdict_WithoutADifference_SaysHowLargeAOneCouldHaveBeenSeen()
    {
        var verdict = AccuracyOverSeeds.Verdict(AccuracyOverSeeds.Of(Runs, "dense"), "dense");
        Assert.StartsWith("No difference to dense was found. 3 seeds, 1 comparisons", verdict, StringComparison.Ordinal);
        Assert.Contains("reaches .050 to either side", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Verdict_WithADifference_NamesIt() =>
        Assert.StartsWith("Better than dense, with an interval that excludes 0: merged on x.",
            AccuracyOverSeeds.Verdict(AccuracyOverSeeds.Of([[Result("dense", .5), Result("merged", .600)], [Result("dense", .5), Result("merged", .601)]], "dense"), "dense"), StringComparison.Ordinal);

    [Fact]
    public void Of_RunsOfDifferentModels_IsRefused() =>
        Assert.Throws<ArgumentException>(() => AccuracyOverSeeds.Of([[Result("dense", .5)], [Result("merged", .5)]], "dense"));

    private static AccuracyResult Result(string model, double accuracy) => new(model, "x", new PairwiseAccuracy
    {
        Pairs = 100,
        Prompts = 100,
        Accuracy = accuracy,
        Interval = new(accuracy - .1, accuracy + .1),
        IntervalMethod = "Wilson",
        Ties = 0,
        MeanMargin = 0,
        LengthBaseline = .5,
        LengthBaselineInterval = new(.4, .6),
    });
}
