using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>x += y where y is of a narrower type, in one pass: torch's own addition makes a copy of y in x's type first.</summary>
internal static class Addition
{
    /// <summary>Adds, without recording a gradient.</summary>
    /// <param name="x">Overwritten.</param>
    /// <param name="y">Of the same shape.</param>
    public static void InPlace(Tensor x, Tensor y)
    {
        using var _ = no_grad();
        if (Simd.Takes(x, y) && (x.dtype, y.dtype) == (ScalarType.Float32, ScalarType.BFloat16))
            Simd.ForRows((int)x.NumberOfElements, x.NumberOfElements, (_, from, to) =>
                Lanes.Add(MemoryMarshal.Cast<byte, ushort>(y.bytes)[from..to], MemoryMarshal.Cast<byte, float>(x.bytes)[from..to]));
        else
            x.PlusInPlace(y);
    }
}
