using System.Text.Json;
using UmmRm.Ppo;

namespace UmmRm.Tests.Ppo;

public sealed class GeneralizedAdvantageTests
{
    private static readonly RlFacts Facts = new("advantages");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Facts.Root.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_ReferenceRollouts_GivesTheReferenceAdvantagesReturnsAndWhitening(int index)
    {
        var facts = Facts.Root.GetProperty("cases")[index];
        var (policy, reference, values) = (Facts.Rows("old_log_probs"), Facts.Rows("ref_log_probs"), Facts.Rows("values"));
        var scores = RlFacts.Vector(Facts.Root.GetProperty("scores"));
        var clip = Facts.Number("score_clip");
        var rewards = values.Select((row, i) => row.Select((_, t) =>
            -Number(facts, "kl_coefficient") * KlEstimates.K1(policy[i][t], reference[i][t]) + (t == row.Length - 1 ? Math.Clamp(scores[i], -clip, clip) : 0)).ToArray()).ToArray();
        RlFacts.Close(Facts.Rows("token_rewards", facts), rewards);
        var estimates = rewards.Zip(values, (r, v) => GeneralizedAdvantage.Of(r, v, Number(facts, "gamma"), Number(facts, "lambda"))).ToArray();
        RlFacts.Close(Facts.Rows("advantages", facts), [.. estimates.Select(e => e.Advantages)]);
        RlFacts.Close(Facts.Rows("returns", facts), [.. estimates.Select(e => e.Returns)]);
        RlFacts.Close(Facts.Rows("whitened_advantages", facts), Whitening.Of([.. estimates.Select(e => e.Advantages)]));
    }

    [Fact]
    public void Of_LambdaAndGammaOne_IsWhatIsLeftToEarnLessTheValue()
    {
        var estimate = GeneralizedAdvantage.Of([1, -2, 5], [0.5, 7, -3], gamma: 1, lambda: 1);
        RlFacts.Close([4, 3, 5], estimate.Returns);
        RlFacts.Close([3.5, -4, 8], estimate.Advantages);
    }

    [Fact]
    public void Of_LambdaZero_IsTheOneStepError() => RlFacts.Close([1 + 0.9 * 7 - 0.5, -2 + 0.9 * -3 - 7, 5 + 3], GeneralizedAdvantage.Of([1, -2, 5], [0.5, 7, -3], gamma: 0.9, lambda: 0).Advantages);

    [Fact]
    public void Of_UnequalLengths_Throws() => Assert.Contains("2 rewards and 1 values", Assert.Throws<ArgumentException>(() => GeneralizedAdvantage.Of([1, 2], [1], 1, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Whitening_OneToken_IsZero() => Assert.Equal([0.0], Whitening.Of([[7]]).Single());

    [Fact]
    public void Whitening_EqualAdvantages_AreZeroAndNotInfinite() => Assert.All(Whitening.Of([[3, 3], [3]]).SelectMany(row => row), value => Assert.Equal(0, value));

    private static double Number(JsonElement facts, string key) => facts.GetProperty(key).GetDouble();
}
