using System.Runtime.Intrinsics;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

public sealed class LanesTests
{
    [Fact]
    public void Exp_WholeRange_IsWithinTwoTenMillionths()
    {
        for (var x = -87f; x <= 88f; x += 0.01317f)
        {
            var expected = Math.Exp(x);
            Assert.Equal(1, Lanes.Exp(Vector512.Create(x))[3] / expected, 2e-7);
        }
        Assert.Equal(1, Lanes.Exp(Vector512<float>.Zero)[0]);
        Assert.InRange(Lanes.Exp(Vector512.Create(float.NegativeInfinity))[0], 0, 1e-37);
        Assert.True(float.IsNaN(Lanes.Exp(Vector512.Create(float.NaN))[0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(37)]
    public void Rows_AnyWidth_AreWholeVectorsFilledUpAndWrittenBackWithoutThem(int width)
    {
        using var scope = NewDisposeScope();
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            var tensor = arange(1, 3 * width + 1).to_type(type).view(3, width);
            var rows = new TensorRows(tensor, width, filling: -7);
            var numbers = Enumerable.Range(width + 1, width).Select(i => (float)i).ToArray();
            var read = rows.Read(1);
            Assert.Equal(0, read.Length % Lanes.Width);
            Assert.Equal(numbers, read[..width].ToArray());
            Assert.All(read[width..].ToArray(), value => Assert.Equal(-7, value));
            var changed = rows.Change(1, width);
            Lanes.Scale(changed, 2);
            rows.Written(1);
            var expected = arange(1, 3 * width + 1).to_type(ScalarType.Float32).view(3, width);
            expected[1].mul_(2);
            TensorAssert.Close(expected, tensor.to_type(ScalarType.Float32), 0, $"{type}");
        }
    }

    [Fact]
    public void Narrow_AnyNumber_RoundsAsTorchDoes()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        float[] edges = [0, -0f, 1, 1 + 1 / 256f, 1 + 3 / 256f, -1 - 1 / 256f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, 3e38f];
        var numbers = edges.Concat((randn(1000, generator: generator) * 100).data<float>()).ToArray();
        var expected = tensor(numbers).to_type(ScalarType.BFloat16);
        var narrow = new ushort[numbers.Length];
        Lanes.Narrow(numbers, narrow);
        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(expected.bytes).ToArray(), narrow);
        var wide = new float[numbers.Length];
        Lanes.Widen(narrow, wide);
        Assert.Equal(expected.to_type(ScalarType.Float32).data<float>().ToArray(), wide);
        Lanes.Narrow([float.NaN], narrow);
        Lanes.Widen(narrow.AsSpan(0, 1), wide);
        Assert.True(float.IsNaN(wide[0]));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(45)]
    public void DotsAndAddRows_BothTypes_EqualTheMatrixProducts(int width)
    {
        using var scope = NewDisposeScope();
        var matrix = KernelTests.Random([5, width], ScalarType.BFloat16, 1);
        var wide = matrix.to_type(ScalarType.Float32);
        var vector = KernelTests.Random([width], ScalarType.Float32, 2);
        var factors = KernelTests.Random([5], ScalarType.Float32, 3);
        foreach (var rows in (Tensor[])[matrix, wide])
        {
            var (products, sum) = (zeros(5), vector.clone());
            new TensorRows(rows, width).Dots(0, vector.data<float>().ToArray(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(products.bytes));
            new TensorRows(rows, width).AddTo(0, factors.data<float>().ToArray(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(sum.bytes));
            TensorAssert.Close(wide.mv(vector), products, 1e-5, "products");
            TensorAssert.Close(vector + wide.t().mv(factors), sum, 1e-5, "sums");
        }
    }
}
