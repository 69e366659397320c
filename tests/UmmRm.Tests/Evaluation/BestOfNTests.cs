using System.Globalization;
using UmmRm.Evaluation;

namespace UmmRm.Tests.Evaluation;

public sealed class BestOfNTests
{
    [Fact]
    public void ExpectedGold_EveryN_AgreesWithTheEnumeration() => AssertExpectedGold(Reference.Read("best-of-n"), 8);

    [Fact]
    public void ExpectedGold_TiedProxies_AveragesOverTheirOrders() => AssertExpectedGold(Reference.Read("best-of-n")["tied"]!, 4);

    [Fact]
    public void Weights_ThousandsOfSamples_NeitherOverflowNorLoseTheirSum()
    {
        var reference = Reference.Read("best-of-n")["weights_of_12500_choose_4096"]!.AsObject();
        var weights = BestOfN.Weights(12_500, 4_096);
        foreach (var (rank, expected) in reference.Where(entry => entry.Key != "meaning"))
            Assert.Equal((double)expected!, weights[int.Parse(rank, CultureInfo.InvariantCulture) - 1], 1e-8 * (double)expected!);
        Assert.Equal(1, weights.Sum(), 1e-12);
        Assert.All(weights.Take(4_095), weight => Assert.Equal(0, weight));
    }

    [Fact]
    public void KullbackLeibler_EveryReferenceCase_IsMet()
    {
        foreach (var (n, expected) in Reference.Read("best-of-n")["kl"]!.AsObject())
            Assert.Equal((double)expected!, BestOfN.KullbackLeibler(int.Parse(n, CultureInfo.InvariantCulture)), 1e-14);
        Assert.Throws<ArgumentOutOfRangeException>(() => BestOfN.KullbackLeibler(0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void ExpectedGold_NOutOfRange_IsRefused(int n) =>
        Assert.Contains("n must be 1..2", Assert.Throws<ArgumentException>(() => BestOfN.ExpectedGold([1, 2], [1, 2], n)).Message, StringComparison.Ordinal);

    [Fact]
    public void ExpectedGold_ScoresThatCannotBeOrdered_AreRefused()
    {
        Assert.Contains("sample 1", Assert.Throws<InvalidDataException>(() => BestOfN.ExpectedGold([1, double.NaN], [1, 2], 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => BestOfN.ExpectedGold([1, 2], [1], 1));
    }

    private static void AssertExpectedGold(System.Text.Json.Nodes.JsonNode reference, int count)
    {
        var expected = reference["expected_gold"]!.AsObject();
        Assert.Equal(count, expected.Count);
        double[] proxy = Reference.Numbers(reference["proxy"]!), gold = Reference.Numbers(reference["gold"]!);
        foreach (var (n, value) in expected)
            Assert.Equal((double)value!, BestOfN.ExpectedGold(proxy, gold, int.Parse(n, CultureInfo.InvariantCulture)), 1e-13);
    }
}
