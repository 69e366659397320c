using System.Globalization;
using System.Text.Json;
using UmmRm.Evaluation;
using UmmRm.Runtime;

namespace UmmRm.Tests.Evaluation;

public sealed class StatisticsTests
{
    [Fact]
    public void Wilson_EveryReferenceCase_AgreesWithScipy()
    {
        var cases = Reference.Read("statistics")["wilson_95"]!.AsObject();
        Assert.Equal(6, cases.Count);
        foreach (var (key, expected) in cases)
        {
            var counts = key.Split('/').Select(count => int.Parse(count, CultureInfo.InvariantCulture)).ToArray();
            var interval = Interval.Wilson(counts[0], counts[1]);
            Assert.Equal((double)expected![0]!, interval.Low, 1e-14);
            Assert.Equal((double)expected[1]!, interval.High, 1e-14);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    [InlineData(double.NaN, 5)]
    public void Wilson_CountsThatCannotBe_AreRefused(double successes, double trials) =>
        Assert.Throws<ArgumentException>(() => Interval.Wilson(successes, trials));

    [Fact]
    public void Interval_InJson_IsAPairOfNumbers()
    {
        Assert.Equal("[0.25,0.5]", JsonSerializer.Serialize(new Interval(0.25, 0.5)));
        Assert.Equal(new Interval(0.25, 0.5), JsonSerializer.Deserialize<Interval>("[0.25,0.5]"));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Interval>("[0.25]"));
    }

    [Fact]
    public void McNemarExact_EveryReferenceCase_AgreesWithScipyInBothDirections()
    {
        var cases = Reference.Read("statistics")["mcnemar"]!.AsObject();
        Assert.Equal(5, cases.Count);
        foreach (var (key, expected) in cases)
        {
            var counts = key.Split(',').Select(count => int.Parse(count, CultureInfo.InvariantCulture)).ToArray();
            var p = (double)expected!["exact_two_sided"]!;
            Assert.Equal(p, new McNemar(counts[0], counts[1]).ExactP, 1e-13);
            Assert.Equal(p, new McNemar(counts[1], counts[0]).ExactP, 1e-13);
        }
    }

    [Fact]
    public void McNemarExact_ThousandsOfPairs_IsTwiceTheBinomialTail()
    {
        // 2^-n summed term by term in big integers: C(3000, 0) + .. + C(3000, 1420), twice.
        System.Numerics.BigInteger term = 1, tail = 1;
        for (var k = 1; k <= 1420; k++)
            tail += term = term * (3001 - k) / k;
        var expected = Math.Exp(System.Numerics.BigInteger.Log(tail) + ((1 - 3000) * Math.Log(2)));
        Assert.Equal(expected, new McNemar(1420, 1580).ExactP, 1e-10 * expected);
    }

    [Theory]
    [InlineData(150, 86, 3969 / 236.0, 4.1145622813459415e-05)] // (64 - 1)^2 / 236; p-values by Python's math.erfc
    [InlineData(3, 12, 64 / 15.0, 0.03886710381241724)]
    [InlineData(5, 5, 0, 1)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 0, 0, 1)]
    public void McNemarCorrected_HandComputedCases_HaveTheChiSquareAndItsTail(int onlyFirst, int onlySecond, double statistic, double p)
    {
        var test = new McNemar(onlyFirst, onlySecond);
        Assert.Equal(statistic, test.CorrectedChiSquare, 1e-13);
        Assert.Equal(p, test.ChiSquareP, 1e-12 * p);
    }

    [Fact]
    public void PairedDifferences_ReferenceCase_AgreesWithScipy()
    {
        var reference = Reference.Read("statistics")["paired"]!;
        var result = PairedDifferences.Of(Reference.Numbers(reference["x"]!), Reference.Numbers(reference["y"]!));
        Assert.Equal((double)reference["mean_difference"]!, result.Mean, 1e-14);
        Assert.Equal((double)reference["standard_error"]!, result.StandardError, 1e-14);
        Assert.Equal((double)reference["t_interval_95"]![0]!, result.Interval.Low, 1e-12);
        Assert.Equal((double)reference["t_interval_95"]![1]!, result.Interval.High, 1e-12);
        Assert.Equal((double)reference["wilcoxon_signed_rank_p"]!, result.WilcoxonP, 1e-14);
        Assert.Equal((double)reference["sign_flip_exact_p"]!, result.SignFlipP!.Value, 1e-14);
    }

    [Fact]
    public void PairedDifferences_SharedRanksAndZeros_AreCountedByHand()
    {
        // Differences 0, 1, 1, -1: the zero is left out, the others share rank 2. Negative ranks sum to 2; of the 8 sign patterns 4 come to 2 or less; twice 4/8 is 1.
        var result = PairedDifferences.Of([0, 0, 0, 0], [0, 1, 1, -1]);
        Assert.Equal(1, result.WilcoxonP);
        // Differences 0, 1, 1, 1: negative ranks sum to 0, which 1 of 8 patterns does; twice 1/8 is 1/4. Sign flips: 4 of 16 patterns sum to 3 or -3.
        result = PairedDifferences.Of([0, 0, 0, 0], [0, 1, 1, 1]);
        Assert.Equal(0.25, result.WilcoxonP);
        Assert.Equal(0.25, result.SignFlipP);
    }

    [Fact]
    public void PairedDifferences_NoDifferenceAtAll_HasNoEvidence()
    {
        var result = PairedDifferences.Of([1, 2, 3], [1, 2, 3]);
        Assert.Equal(new PairedDifferences(3, 0, 0, new Interval(0, 0), 1, 1), result);
    }

    [Fact]
    public void PairedDifferences_ManyPairs_LeaveTheSignFlipsOut()
    {
        double[] zeros = new double[21], ones = [.. Enumerable.Repeat(1.0, 21)];
        Assert.Null(PairedDifferences.Of(zeros, ones).SignFlipP);
        Assert.Equal(Math.Pow(0.5, 19), PairedDifferences.Of(zeros[..20], ones[..20]).SignFlipP!.Value, 1e-15);
        Assert.Equal(Math.Pow(0.5, 20), PairedDifferences.Of(zeros, ones).WilcoxonP, 1e-15);
    }

    [Fact]
    public void PairedDifferences_MeasurementsThatCannotBePaired_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => PairedDifferences.Of([1], [2]));
        Assert.Throws<ArgumentException>(() => PairedDifferences.Of([1, 2], [2, 3, 4]));
        Assert.Contains("measurement 1", Assert.Throws<ArgumentException>(() => PairedDifferences.Of([1, double.NaN], [2, 3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RankCorrelation_ReferenceCase_AgreesWithScipy()
    {
        var reference = Reference.Read("statistics");
        double[] x = Reference.Numbers(reference["spearman"]!["x"]!), y = Reference.Numbers(reference["spearman"]!["y"]!);
        Assert.Equal((double)reference["spearman"]!["rho"]!, RankCorrelation.Spearman(x, y), 1e-14);
        Assert.Equal((double)reference["kendall"]!["tau_b"]!, RankCorrelation.KendallTauB(x, y), 1e-14);
    }

    [Fact]
    public void RankCorrelation_EqualNumbers_ShareTheirRanks()
    {
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: sums of squares 4.5 and 5, covariance 4.5. Kendall: 5 ordered pairs of 6, all agree.
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelation.Spearman([10, 20, 20, 30], [1, 2, 3, 4]), 1e-15);
        Assert.Equal(5 / Math.Sqrt(5 * 6), RankCorrelation.KendallTauB([10, 20, 20, 30], [1, 2, 3, 4]), 1e-15);
        Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1], [1]));
    }

    [Fact]
    public void ScoreSummary_HandComputed_HasMomentsAndOrder()
    {
        Assert.Equal(
            new ScoreSummary { Count = 4, Mean = 2.5, StandardDeviation = Math.Sqrt(5 / 3.0), Min = 1, Median = 2.5, Max = 4 },
            ScoreSummary.Of([4, 1, 3, 2]));
        Assert.Equal(0, ScoreSummary.Of([7]).StandardDeviation);
        Assert.Throws<ArgumentException>(() => ScoreSummary.Of([]));
    }

    [Fact]
    public void Bootstrap_TwoClusters_GivesTheRangeOfTheirFourDraws() =>
        Assert.Equal(new Interval(0, 1), ClusterBootstrap.OfMean([0, 1], ["a", "b"], new SeededRandom(1)));

    [Fact]
    public void Bootstrap_IndependentValues_ComesToTheNormalInterval()
    {
        // 400 values, half 0 and half 1: the standard error is 1/40.
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i % 2)];
        var interval = ClusterBootstrap.OfMean(values, [.. values.Select((_, i) => $"{i}")], new SeededRandom(2));
        Assert.InRange(interval.Low, 0.5 - 0.049 - 0.003, 0.5 - 0.049 + 0.003);
        Assert.InRange(interval.High, 0.5 + 0.049 - 0.003, 0.5 + 0.049 + 0.003);
    }

    [Fact]
    public void Bootstrap_EveryValueTwiceInItsCluster_KnowsNoMoreThanOnce()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => Math.Sin(i))];
        string[] clusters = [.. Enumerable.Range(0, 100).Select(i => $"{i}")];
        var once = ClusterBootstrap.OfMean(values, clusters, new SeededRandom(3));
        var twice = ClusterBootstrap.OfMean([.. values, .. values], [.. clusters, .. clusters], new SeededRandom(3));
        Assert.Equal(once.Low, twice.Low, 1e-12);
        Assert.Equal(once.High, twice.High, 1e-12);
        Assert.NotEqual(once, ClusterBootstrap.OfMean(values, clusters, new SeededRandom(4)));
    }

    [Fact]
    public void Bootstrap_LargeClusters_WeighByTheirSize()
    {
        // One cluster of nine zeros and one of a single 1: drawn together, each once, they make 1/10.
        var interval = ClusterBootstrap.OfMean([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [.. Enumerable.Repeat("a", 9), "b"], new SeededRandom(5));
        Assert.Equal(new Interval(0, 1), interval);
        Assert.Throws<ArgumentException>(() => ClusterBootstrap.OfMean([1, 2], ["a"], new SeededRandom(5)));
    }
}
