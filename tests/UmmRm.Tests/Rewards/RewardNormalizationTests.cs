using System.Text.Json;
using UmmRm.Rewards;

namespace UmmRm.Tests.Rewards;

public sealed class RewardNormalizationTests
{
    [Fact]
    public void Fit_Scores_GivesMeanZeroAndUnbiasedDeviationOne()
    {
        double[] scores = [2, 4, 4, 4, 5, 5, 7, 9]; // mean 5, sum of squares 32
        var normalization = RewardNormalization.Fit(scores);
        Assert.Equal(new RewardNormalization(5, Math.Sqrt(32 / 7.0), 8), normalization);
        Assert.Equal(4 / Math.Sqrt(32 / 7.0), normalization.Apply(9), 1e-15);
    }

    [Fact]
    public void Normalization_WrittenAndRead_IsTheSame()
    {
        var normalization = new RewardNormalization(0.1, 1.0 / 3, 256);
        Assert.Equal(normalization, JsonSerializer.Deserialize<RewardNormalization>(JsonSerializer.Serialize(normalization)));
    }

    [Theory]
    [InlineData("at least 2 reference samples; there are 1", 1.0)]
    [InlineData("all 3 reference samples score 0.1", 0.1, 0.1, 0.1)]
    [InlineData("reference score 1 is NaN", 0.1, double.NaN)]
    public void Fit_ScoresThatCannotBeNormalized_AreRefused(string reason, params double[] scores) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => RewardNormalization.Fit(scores)).Message, StringComparison.Ordinal);
}
