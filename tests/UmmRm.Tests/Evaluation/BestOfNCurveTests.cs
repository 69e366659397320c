using UmmRm.Evaluation;

namespace UmmRm.Tests.Evaluation;

public sealed class BestOfNCurveTests
{
    [Theory]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(6, new[] { 1, 2, 4, 6 })]
    [InlineData(8, new[] { 1, 2, 4, 8 })]
    public void Steps_AnyCount_DoubleUpToIt(int samples, int[] expected) => Assert.Equal(expected, BestOfNCurve.Steps(samples));

    [Fact]
    public void Of_ProxiesOfKnownOrder_HaveTheClosedForms()
    {
        double[][] gold = [[0, 1, 2, 3], [3, 0, 2, 1]];
        var curves = BestOfNCurve.Of(["a", "b"], gold, [("gold", gold), ("worst", Negated(gold)), ("blind", [[5, 5, 5, 5], [5, 5, 5, 5]])], seed: 1);
        Assert.Equal([1.5, (0 * 0 + 1 * 1 + 2 * 2 + 3 * 3) / 6.0, 3], curves[0].Points.Select(point => Math.Round(point.Gold, 12)), Close); // the largest of n of 0..3: its rank has (i - 1 over n - 1) of (4 over n) ways
        Assert.Equal([1.5, (0 * 3 + 1 * 2 + 2 * 1 + 3 * 0) / 6.0, 0], curves[1].Points.Select(point => point.Gold), Close);
        Assert.All(curves[2].Points, point => Assert.Equal((1.5, 0.0), (point.Gold, point.ProxyZ)));
        Assert.Equal(1.5 / Math.Sqrt(10.0 / 7), curves[0].Points[^1].ProxyZ, 1e-12); // 3 among twice 0..3: mean 1.5, unbiased variance 10 / 7
        Assert.Equal(Math.Log(4) - 0.75, curves[0].Points[^1].Kl, 1e-12);
        Assert.Null(curves[0].Points[0].Difference);
        Assert.Equal((-3, new Interval(-3, -3)), (curves[1].Points[^1].Difference, curves[1].Points[^1].DifferenceInterval)); // the same at every prompt: no doubt
    }

    [Fact]
    public void Of_PromptsThatDiffer_AreWhatTheIntervalIsAbout()
    {
        double[][] gold = [.. Enumerable.Range(0, 100).Select(prompt => new double[] { prompt % 2, prompt % 2 })];
        var point = BestOfNCurve.Of([.. Enumerable.Range(0, 100).Select(prompt => $"{prompt}")], gold, [("gold", gold)], seed: 1)[0].Points[0];
        Assert.Equal(0.5, point.Gold);
        Assert.Equal(0.5 - 1.96 * 0.05, point.GoldInterval.Low, 0.011); // 100 coin flips
        Assert.Equal(0.5 + 1.96 * 0.05, point.GoldInterval.High, 0.011);
        var once = BestOfNCurve.Of([.. Enumerable.Repeat("one prompt", 100)], gold, [("gold", gold)], seed: 1)[0].Points[0];
        Assert.Equal(new Interval(0.5, 0.5), once.GoldInterval);
    }

    [Fact]
    public void Of_UnequalCounts_AreRefused() =>
        Assert.Contains("prompt 1 has 3 samples", Assert.Throws<ArgumentException>(() => BestOfNCurve.Of(["a", "b"], [[1, 2], [1, 2, 3]], [], seed: 1)).Message, StringComparison.Ordinal);

    private static double[][] Negated(double[][] scores) => [.. scores.Select(row => row.Select(score => -score).ToArray())];

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;
}
