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
    public void LoadAndStore_AnyLength_TouchNothingBeyondTheEnd(int length)
    {
        var source = Enumerable.Range(1, length).Select(i => (float)i).ToArray();
        var target = new float[length + 16];
        Array.Fill(target, -1);
        for (var i = 0; i < length; i += Lanes.Width)
            Lanes.Store(Lanes.Load(source, i), target.AsSpan(0, length), i);
        Assert.Equal(source, target[..length]);
        Assert.All(target[length..], value => Assert.Equal(-1, value));
        Assert.Equal(source.Sum(x => x * x), Lanes.Dot(source, source));
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
