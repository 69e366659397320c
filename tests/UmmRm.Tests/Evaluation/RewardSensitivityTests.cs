using UmmRm.Evaluation;
using UmmRm.Runtime;

namespace UmmRm.Tests.Evaluation;

public sealed class RewardSensitivityTests
{
    [Theory]
    [InlineData(Perturbation.Drop, "a b", "a", "b")]
    [InlineData(Perturbation.Double, "a  b", "a a  b", "a  b b")]
    [InlineData(Perturbation.Swap, "a a\tb", "a b\ta")]
    [InlineData(Perturbation.Swap, "one two", "two one")]
    [InlineData(Perturbation.Punctuation, "yes , sir !", "yes sir !", "yes , sir")]
    [InlineData(Perturbation.Punctuation, "well: done.", "well: done")]
    public void Of_EveryDraw_IsOneSmallChange(Perturbation kind, string text, params string[] possible) =>
        Assert.Equal(possible.Order(StringComparer.Ordinal), Enumerable.Range(0, 40).Select(seed => Perturbations.Of(kind, text, new SeededRandom(seed))!).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(Perturbation.Drop, "word")]
    [InlineData(Perturbation.Double, "")]
    [InlineData(Perturbation.Swap, "no no no")]
    [InlineData(Perturbation.Punctuation, "none : here")]
    public void Of_NoPlaceForTheChange_IsNull(Perturbation kind, string text) => Assert.Null(Perturbations.Of(kind, text, new SeededRandom(1)));

    [Fact]
    public void Of_KnownMoves_AreInStandardDeviationsOfTheUnchanged()
    {
        double[] unchanged = [0, 2]; // standard deviation sqrt(2)
        PerturbedResponse[] changes = [new(0, Perturbation.Drop), new(1, Perturbation.Drop), new(1, Perturbation.Swap)];
        var found = RewardSensitivity.Of(["p", "q"], changes, [("first", unchanged, [1, 3, 5]), ("scaled", [0, 20], [10, 30, 50]), ("down", unchanged, [-1, 1, 2])], seed: 1);
        var root = Math.Sqrt(2);
        Assert.Equal(root, found[0].StandardDeviation, 1e-12);
        Assert.Equal([null, Perturbation.Drop, Perturbation.Swap], found[0].Measures.Select(measure => measure.Perturbation));
        Assert.Equal((2, 1.5 / root), (found[0].Measures[0].Responses, found[0].Measures[0].Mean), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-12); // response 0 moved by 1, response 1 by (1 + 3) / 2
        Assert.Equal(1 / root, found[0].Measures[1].Mean, 1e-12);
        Assert.Equal(1 / root, found[0].Measures[1].Shift, 1e-12);
        Assert.Equal(0, found[1].Measures[0].Difference!.Value, 1e-12); // a scale is no sensitivity
        Assert.Equal(-1 / root, found[2].Measures[1].Shift, 1e-12);
        Assert.Equal((0.5 + 1) / 2 / root - 1.5 / root, found[2].Measures[0].Difference!.Value, 1e-12);
    }

    [Fact]
    public void Of_ARewardThatDoesNotVary_IsNamed() =>
        Assert.Contains("flat scores all 2", Assert.Throws<ArgumentException>(() => RewardSensitivity.Of(["p", "q"], [new(0, Perturbation.Drop)], [("flat", [1, 1], [1])], seed: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Spread_OffsetsAlone_AreNone()
    {
        Assert.Equal(0, MemberSpread.Of([[0, 2, 4], [10, 12, 14]], ["a", "b", "c"], seed: 1).Spread, 1e-12);
        Assert.Equal(Math.Sqrt(2) / Math.Sqrt(2), MemberSpread.Of([[0, 2], [2, 0]], ["a", "b"], seed: 1).Spread, 1e-12); // -1 and 1, in a member's standard deviation of sqrt(2)
        Assert.Throws<ArgumentException>(() => MemberSpread.Of([[0, 2]], ["a", "b"], seed: 1));
    }
}
