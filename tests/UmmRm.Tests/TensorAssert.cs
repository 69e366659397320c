using static TorchSharp.torch;

namespace UmmRm.Tests;

/// <summary>Comparisons of whole tensors at a stated tolerance.</summary>
internal static class TensorAssert
{
    /// <summary>Every element within <paramref name="tolerance"/>; shapes equal.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string what = "tensor")
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var difference = (expected.cpu().to_type(ScalarType.Float64) - actual.cpu().to_type(ScalarType.Float64)).abs().max().item<double>();
        Assert.True(difference <= tolerance, $"{what}: largest difference {difference:g3}, allowed {tolerance:g3}");
    }

    /// <summary>The largest difference within <paramref name="tolerance"/> of the largest expected magnitude.</summary>
    public static void RelativelyClose(Tensor expected, Tensor actual, double tolerance, string what = "tensor")
    {
        using var scope = NewDisposeScope();
        Close(expected, actual, tolerance * Math.Max(1e-3, expected.abs().max().to_type(ScalarType.Float64).item<double>()), what);
    }

    /// <summary>Bit for bit the same.</summary>
    public static void Equal(Tensor expected, Tensor actual, string what = "tensor")
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.cpu().contiguous().bytes.SequenceEqual(actual.cpu().contiguous().bytes), $"{what} differs");
    }
}
