using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Arithmetic between tensors and numbers. TorchSharp's own operators wrap a number (also the factor 1 of a plain sum) in a Scalar object
/// that nobody holds: its finalizer may free the native number while libtorch reads it. Here every number is made once and kept.
/// </summary>
public static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Kept = [];
    private static readonly ConcurrentDictionary<long, Scalar> KeptWhole = [];
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>A number as libtorch takes it, kept for the life of the process: for constants and settings, not for values that keep changing.</summary>
    public static Scalar Of(double value) => Kept.GetOrAdd(value, number => number.ToScalar());

    /// <summary>A whole number as libtorch takes it, for integer tensors; kept too.</summary>
    public static Scalar Whole(long value) => KeptWhole.GetOrAdd(value, number => number.ToScalar());

    /// <summary>[to - from] int64: from, from + 1, ..., to - 1.</summary>
    public static Tensor Range(long from, long to, Device device)
    {
        var values = new long[to - from];
        for (var i = 0; i < values.Length; i++)
            values[i] = from + i;
        return tensor(values, device: device);
    }

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x += y, in place.</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x + factor y.</summary>
    public static Tensor PlusScaled(this Tensor x, Tensor y, double factor) => x.add(y, Of(factor));

    /// <summary>x + value.</summary>
    public static Tensor Plus(this Tensor x, double value)
    {
        using var number = Number(value, x);
        return x.add(number, One);
    }

    /// <summary>value - x.</summary>
    public static Tensor MinusFrom(this Tensor x, double value)
    {
        using var number = Number(value, x);
        return number.sub(x);
    }

    /// <summary>x times a constant.</summary>
    public static Tensor Times(this Tensor x, double factor) => x.mul(Of(factor));

    /// <summary>x / divisor.</summary>
    public static Tensor Over(this Tensor x, double divisor)
    {
        using var number = Number(divisor, x);
        return x.div(number);
    }

    /// <summary>A number as a tensor without dimensions, of x's type and on its device.</summary>
    private static Tensor Number(double value, Tensor x) => tensor(value, dtype: x.dtype, device: x.device);
}
