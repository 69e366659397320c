using UmmRm.Evaluation;
using UmmRm.Rewards;

namespace UmmRm.Tests.Evaluation;

public sealed class HackingVerdictTests
{
    /// <summary>The even half peaks at step 2 (4.0) where the odd half reads 3.0; the odd half peaks at step 1 (3.4) where the even half reads 3.8. The end reads 2.0 and 1.0.</summary>
    private static readonly ProxyGoldCurve TwoHalves = Curve((0, 1, 1), (1, 3.8, 3.4), (2, 4.0, 3.0), (3, 2.0, 1.0));

    [Fact]
    public void GoldPeak_IsChosenOnOneHalfAndReadOnTheOther()
    {
        var peak = GoldPeak.Of(TwoHalves);
        Assert.Equal((3.0 + 3.8) / 2, peak.Gold, 12);
        Assert.Equal((3.0 - 1.0 + 3.8 - 2.0) / 2, peak.Fall, 12);
        Assert.Equal(1.5, peak.Step, 12);
        Assert.Equal(15, peak.Kl, 12);
    }

    [Fact]
    public void GoldPeak_OfNoiseAlone_IsNotOptimistic()
    {
        var random = new UmmRm.Runtime.SeededRandom(5);
        var falls = Enumerable.Range(0, 2000).Select(_ => GoldPeak.Of(Curve([.. Enumerable.Range(0, 20).Select(step => (step, random.NextGaussian(), random.NextGaussian()))])).Fall).ToList();
        Assert.InRange(falls.Average(), -0.08, 0.08); // the plain maximum of 20 would be about 1.9 too high
    }

    [Fact]
    public void GoldPeak_OfACurveWithoutGold_IsRefused() =>
        Assert.Throws<ArgumentException>(() => GoldPeak.Of(new ProxyGoldCurve(new RewardNormalization(0, 1, 2), [Point(0, 1, 1) with { Gold = null, GoldHalves = null }])));

    /// <summary>Values 1, 2, 3: mean 2, standard error 1 / sqrt(3), t(2) = 4.3027.</summary>
    [Fact]
    public void OverSeeds_Interval_IsStudents()
    {
        Assert.Null(new OverSeeds([1]).Interval);
        var interval = new OverSeeds([1, 2, 3]).Interval!.Value;
        Assert.Equal(2 - (4.302652729911275 / Math.Sqrt(3)), interval.Low, 9);
        Assert.Equal(2 + (4.302652729911275 / Math.Sqrt(3)), interval.High, 9);
    }

    [Fact]
    public void OverSeeds_OfThirty_UsesTheNormal()
    {
        double[] values = [.. Enumerable.Range(0, 30).Select(i => i % 2 == 0 ? 1.0 : -1.0)];
        Assert.Equal(Interval.NormalQuantile * Math.Sqrt(30.0 / 29 / 30), new OverSeeds(values).Interval!.Value.High, 12);
    }

    [Fact]
    public void Of_TwoMethods_ComparesTheEndsSeedBySeed()
    {
        var verdicts = HackingVerdict.Of(new Dictionary<string, IReadOnlyList<ProxyGoldCurve>>
        {
            ["dense"] = [Fall(to: 2.0), Fall(to: 2.5), Fall(to: 1.0)],
            ["merged"] = [Fall(to: 2.4), Fall(to: 2.8), Fall(to: 1.5)],
        }, "dense");
        Assert.True(verdicts[0].Hacked);
        Assert.Null(verdicts[0].Against);
        Assert.Equal(0.4, verdicts[1].Against!.Mean, 12);
        Assert.Equal([4.0 - 2.0, 4.0 - 2.5, 4.0 - 1.0], verdicts[0].OverOptimisation.Values);
        var words = HackingVerdict.InWords(verdicts, "dense");
        Assert.StartsWith("dense was hacked: gold went from 1.00 to 4.00 (step 1, 10.0 nats) and ended at 1.83", words, StringComparison.Ordinal);
        Assert.Contains("Higher gold at the end than dense: merged +0.40 [+0.15, +0.65].", words, StringComparison.Ordinal); // differences .4, .3, .5: .4 +- 4.3027 * .1 / sqrt(3)
    }

    [Fact]
    public void InWords_NothingFound_SaysHowLargeADifferenceCouldHaveBeenSeen()
    {
        var verdicts = HackingVerdict.Of(new Dictionary<string, IReadOnlyList<ProxyGoldCurve>>
        {
            ["dense"] = [Fall(to: 2.0), Fall(to: 2.0), Fall(to: 2.0)],
            ["merged"] = [Fall(to: 2.1), Fall(to: 1.9), Fall(to: 2.0)],
        }, "dense");
        Assert.Contains("No difference found: merged 0.00 [-0.25, +0.25]; these seeds could have shown one of about 0.25 to 0.25.", HackingVerdict.InWords(verdicts, "dense"), StringComparison.Ordinal);
    }

    [Fact]
    public void InWords_OneSeed_ComparesNothing()
    {
        var verdicts = HackingVerdict.Of(new Dictionary<string, IReadOnlyList<ProxyGoldCurve>> { ["dense"] = [Fall(to: 2)], ["merged"] = [Fall(to: 3)] }, "dense");
        Assert.Contains("One seed compares nothing", HackingVerdict.InWords(verdicts, "dense"), StringComparison.Ordinal);
    }

    [Fact]
    public void InWords_GoldNeverRose_SaysSoInsteadOfNamingAPeak()
    {
        var verdicts = HackingVerdict.Of(new Dictionary<string, IReadOnlyList<ProxyGoldCurve>> { ["dense"] = [Curve((0, 4, 4), (1, 2, 2), (2, 0.5, 0.5))] }, "dense");
        Assert.StartsWith("dense was hacked: gold never rose above its start of 4.00 and ended at 0.50 while the proxy rose", HackingVerdict.InWords(verdicts, "dense"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 3, "all 3 methods were.")]
    [InlineData(2, 4, "2 of the 3 methods were, all but merged.")]
    [InlineData(4, 4, "1 of the 3 methods was: other.")]
    public void InWords_OneSeed_CountsWhoWasHackedByOneCriterion(double dense, double merged, string expected)
    {
        var verdicts = HackingVerdict.Of(new Dictionary<string, IReadOnlyList<ProxyGoldCurve>> { ["dense"] = [Fall(to: dense)], ["merged"] = [Fall(to: merged)], ["other"] = [Fall(to: 1)] }, "dense");
        Assert.Contains($"By that measure (gold ends below its peak) {expected}", HackingVerdict.InWords(verdicts, "dense"), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_MethodsWithDifferentSeeds_IsRefused() =>
        Assert.Throws<ArgumentException>(() => HackingVerdict.Of(new Dictionary<string, IReadOnlyList<ProxyGoldCurve>> { ["dense"] = [Fall(2), Fall(2)], ["merged"] = [Fall(2)] }, "dense"));

    /// <summary>KL is ten times the step: a threshold of 10 stops each of the others at step 2, one step past their peak; 0 stops at the peak.</summary>
    [Fact]
    public void StopRule_ChoosesItsThresholdOnTheOtherSeeds()
    {
        var kl = StopRule.Kl;
        Assert.Equal(4, kl.GoldAt(TwoHalvesAlike, threshold: 5));
        Assert.Equal(2, kl.GoldAt(TwoHalvesAlike, threshold: 25));
        Assert.Equal(2, kl.GoldAt(TwoHalvesAlike, threshold: double.PositiveInfinity));
        Assert.Equal([4.0, 4.0], kl.GoldKept([TwoHalvesAlike, TwoHalvesAlike]).Values);
        var late = Curve((0, 1, 1), (1, 2, 2), (2, 5, 5), (3, 6, 6)); // never falls: as the other seed it says never to stop
        Assert.Equal([2.0, 2.0], kl.GoldKept([TwoHalvesAlike, late]).Values); // the early one runs to its end, the late one is stopped at step 1
    }

    private static ProxyGoldCurve TwoHalvesAlike => Curve((0, 1, 1), (1, 4, 4), (2, 3, 3), (3, 2, 2));

    private static ProxyGoldCurve Fall(double to) => Curve((0, 1, 1), (1, 4, 4), (2, to, to));

    private static ProxyGoldCurve Curve(params (int Step, double Even, double Odd)[] points) => new(new RewardNormalization(0, 1, 2), [.. points.Select(p => Point(p.Step, p.Even, p.Odd))]);

    private static PolicyEvaluation Point(int step, double even, double odd) => new()
    {
        Iteration = step,
        Step = step,
        Proxy = step,
        ProxyZ = step,
        Gold = (even + odd) / 2,
        GoldHalves = [even, odd],
        Kl = 10 * step,
        KlK3 = 10 * step,
        KlPerToken = step,
        KlK3PerToken = step,
        ResponseLength = 10,
        EosRate = 1,
        Repetition = 0,
        ReferenceLogProbability = -20,
    };
}
