using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

public sealed class CategoricalDrawTests
{
    public static TheoryData<int, double> Widths => new() { { 7, 1 }, { 16, 0.5 }, { 1000, 2 }, { 1024, 1 }, { 5003, 1.3 } };

    [Theory]
    [MemberData(nameof(Widths))]
    public void Draw_AnyWidth_IsTheFirstIndexWhoseCumulativeProbabilityExceedsTheNumber(int width, double temperature)
    {
        using var scope = NewDisposeScope();
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            var logits = (KernelTests.Random([40, width], ScalarType.Float32, 5) * 3).to_type(type);
            var cumulative = (logits.to_type(ScalarType.Float64) / temperature).softmax(-1).cumsum(-1);
            var uniform = new SeededRandom(width);
            double[] numbers = [0, .. Enumerable.Range(0, 38).Select(_ => uniform.NextDouble()), 1 - 1e-16];
            var drawn = CategoricalDraw.Draw(logits.clone(), temperature, numbers);
            for (var row = 0; row < drawn.Length; row++)
            {
                Assert.InRange(drawn[row], 0, width - 1);
                var (below, reached) = (drawn[row] == 0 ? 0 : cumulative[row, drawn[row] - 1].item<double>(), cumulative[row, drawn[row]].item<double>());
                Assert.True(below <= numbers[row] + 1e-5 && reached >= numbers[row] - 1e-5, $"{type}, row {row}: {numbers[row]} drew {drawn[row]}, whose share goes from {below} to {reached}");
            }
        }
    }

    [Fact]
    public void Draw_ImpossibleTokens_AreNeverDrawn()
    {
        using var scope = NewDisposeScope();
        var logits = full([6, 40], float.NegativeInfinity);
        logits[TensorIndex.Colon, 20] = 1f;
        logits[TensorIndex.Colon, 31] = 1f;
        Assert.Equal([20, 20, 20, 31, 31, 31], CategoricalDraw.Draw(logits, 1, [0, 0.0001, 0.4999, 0.5, 0.9999, 1]));
    }

    [Theory]
    [InlineData(1e-300, 3, 3)]
    [InlineData(1e300, 0, 6)]
    public void Draw_ExtremeTemperatures_AreGreedyOrUniform(double temperature, int atLow, int atHigh)
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[] { 1, 2, 0, 50, -7, 3, 4, 1, 2, 0, 50, -7, 3, 4 }).view(2, 7);
        Assert.Equal([atLow, atHigh], CategoricalDraw.Draw(logits, temperature, [0.01, 0.99]));
    }
}
