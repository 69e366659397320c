using UmmRm.Runtime;

namespace UmmRm.Tests.Runtime;

public sealed class SeededRandomTests
{
    [Fact]
    public void SeededRandom_PublishedSeed_GivesSplitMix64sPublishedNumbers()
    {
        var random = new SeededRandom(1234567);
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(published, published.Select(_ => random.NextUInt64()));
    }

    [Fact]
    public void NextDouble_ManyDraws_FillsTheUnitIntervalEvenly()
    {
        var random = new SeededRandom(1);
        var counts = new int[100];
        for (var i = 0; i < 100_000; i++)
            counts[(int)(random.NextDouble() * 100)]++;
        var chiSquare = counts.Sum(c => (c - 1000.0) * (c - 1000.0) / 1000);
        Assert.InRange(chiSquare, 55, 160); // 99 degrees of freedom: 0.0002 and 0.9999
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void NextInt_ManyDraws_GivesEveryValueEquallyOften(int count)
    {
        var random = new SeededRandom(count);
        var counts = new int[count];
        for (var i = 0; i < 10_000 * count; i++)
            counts[random.NextInt(count)]++;
        Assert.All(counts, c => Assert.InRange(c, 9_600, 10_400));
    }

    [Fact]
    public void NextGaussian_ManyDraws_HasTheNormalsMomentsAndTails()
    {
        var random = new SeededRandom(2);
        var draws = Enumerable.Range(0, 400_000).Select(_ => random.NextGaussian()).ToArray();
        Assert.InRange(draws.Average(), -0.007, 0.007);
        Assert.InRange(draws.Average(x => x * x), 0.99, 1.01);
        Assert.InRange(draws.Average(x => x * x * x * x), 2.9, 3.1);
        Assert.InRange(draws.Count(x => x > 1.959964) / 400_000.0, 0.024, 0.026);
        Assert.InRange(draws.Count(x => x < -3) / 400_000.0, 0.00108, 0.00162); // 0.00135
    }

    [Fact]
    public void NextGaussian_FixedSeed_NeverChanges()
    {
        // Worked out apart from this program, in Python's integers and IEEE doubles.
        var random = new SeededRandom(42);
        double[] expected = [-2.2575614433077926, -0.37052338702691934, 0.6598589561708116, 0.3079364233975372, -0.015126744017250471];
        Assert.Equal(expected, expected.Select(_ => random.NextGaussian()));
    }

    [Fact]
    public void Fork_SameName_IsTheSameStreamWhateverWasDrawnBefore()
    {
        var fresh = new SeededRandom(5);
        var used = new SeededRandom(5);
        for (var i = 0; i < 10; i++)
            used.NextUInt64();
        Assert.Equal(Draw(fresh.Fork("data order")), Draw(used.Fork("data order")));
    }

    [Fact]
    public void Fork_OtherNameOrOtherSeed_IsAnotherStream()
    {
        var streams = new[] { new SeededRandom(5), new SeededRandom(5).Fork("a"), new SeededRandom(5).Fork("b"), new SeededRandom(6).Fork("a"), new SeededRandom(5).Fork("a").Fork("a") };
        Assert.Equal(5 * 20, streams.SelectMany(Draw).Distinct().Count());
    }

    [Fact]
    public void Permutation_OfThree_HasAllSixOrdersEquallyOften()
    {
        var random = new SeededRandom(3);
        var orders = Enumerable.Range(0, 12_000).Select(_ => string.Join(' ', random.Permutation(3))).CountBy(order => order).ToList();
        Assert.Equal(6, orders.Count);
        Assert.All(orders, order => Assert.InRange(order.Value, 1_830, 2_170)); // 4 standard deviations
    }

    [Fact]
    public void Sample_TwoOfFour_HasAllTwelveOrderedPairsEquallyOftenAndNoneTwice()
    {
        var random = new SeededRandom(4);
        var samples = Enumerable.Range(0, 24_000).Select(_ => string.Join(' ', random.Sample(["a", "b", "c", "d"], 2))).CountBy(sample => sample).ToList();
        Assert.Equal(12, samples.Count);
        Assert.All(samples, sample => Assert.NotEqual(sample.Key[0], sample.Key[2]));
        Assert.All(samples, sample => Assert.InRange(sample.Value, 1_825, 2_175));
    }

    [Fact]
    public void Sample_MoreThanThereAre_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(0).Sample([1, 2], 3));

    private static ulong[] Draw(SeededRandom random) => [.. Enumerable.Range(0, 20).Select(_ => random.NextUInt64())];
}
