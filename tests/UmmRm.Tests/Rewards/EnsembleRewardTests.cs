using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Rewards;

namespace UmmRm.Tests.Rewards;

public sealed class EnsembleRewardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, EnsembleCombination> Rules => new()
    {
        { "mean", EnsembleCombination.Mean },
        { "worst_case", EnsembleCombination.WorstCase },
        { "uncertainty_weighted.lambda0.1.unbiased", EnsembleCombination.UncertaintyWeighted },
        { "uncertainty_weighted.lambda0.5.population", EnsembleCombination.UncertaintyWeightedSelection },
    };

    [Theory]
    [MemberData(nameof(Rules), DisableDiscoveryEnumeration = true)]
    public void Score_FourMembers_AgreesWithTheReference(string key, EnsembleCombination rule)
    {
        var reference = JsonNode.Parse(File.ReadAllText(Repository.Golden("rl", "ensembles.json")))!;
        var members = reference["members"].Deserialize<double[][]>()!.Select((scores, i) => TableReward.Of($"rm{i}", scores)).ToList();
        var expected = reference[key].Deserialize<double[]>()!;
        var scores = new EnsembleReward(members, rule).Score(TableReward.Responses(6), Cancellation);
        Assert.Equal(6, scores.Length);
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
    }

    [Fact]
    public void NormalizedOn_MembersOfDifferentScale_CountAlike()
    {
        // On the reference 1, 2, 3 both members have mean 0 and SD 1 once normalised: -1, 0, 1 and 1, 0, -1; beyond it 4 is 2 and -2.
        var small = TableReward.Of("small", 1, 2, 3, 4);
        var large = TableReward.Of("large", 3000, 2000, 1000, 0);
        var responses = TableReward.Responses(4);
        var mean = EnsembleReward.NormalizedOn(responses[..3], [small, large], EnsembleCombination.Mean, Cancellation);
        var worst = EnsembleReward.NormalizedOn(responses[..3], [small, large], EnsembleCombination.WorstCase, Cancellation);
        Assert.Equal([0, 0, 0, 0], mean.Score(responses, Cancellation));
        Assert.Equal([-1, 0, -1, -2], worst.Score(responses, Cancellation));
        Assert.Equal("wco(small, large)", worst.Name);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Score_MemberThatIsNotFinite_IsRefusedByNameAndIndex(double bad)
    {
        var ensemble = new EnsembleReward([TableReward.Of("good", 1, 2, 3), TableReward.Of("broken", 1, 2, bad)], EnsembleCombination.WorstCase);
        var error = Assert.Throws<InvalidDataException>(() => ensemble.Score(TableReward.Responses(3), Cancellation));
        Assert.StartsWith("broken scored completion 2 as ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_MemberThatLosesACompletion_IsRefused()
    {
        var ensemble = new EnsembleReward([new ShortReward()], EnsembleCombination.Mean);
        var error = Assert.Throws<InvalidDataException>(() => ensemble.Score(TableReward.Responses(3), Cancellation));
        Assert.StartsWith("short gave 2 scores for 3 completions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ensemble_TooFewMembersForItsRule_IsRefused()
    {
        Assert.Contains("at least 2 members; it has 1", Assert.Throws<ArgumentException>(() => new EnsembleReward([TableReward.Of("one", 1)], EnsembleCombination.UncertaintyWeighted)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new EnsembleReward([], EnsembleCombination.Mean));
    }

    [Theory]
    [InlineData(-0.1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.1, 2)]
    public void UncertaintyWeighted_SettingOutOfRange_IsRefused(double lambda, int lost) =>
        Assert.Throws<ArgumentException>(() => EnsembleCombination.UncertaintyWeightedBy(lambda, lost));

    private sealed class ShortReward : IRewardFunction
    {
        public string Name => "short";

        public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) => new double[completions.Count - 1];
    }
}
