using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace UmmRm.Runtime;

/// <summary>Arithmetic on 16 float32 numbers at a time, on every processor: where 512 bits are not native, .NET computes in two or four parts.</summary>
internal static class Lanes
{
    /// <summary>Numbers a vector holds.</summary>
    public const int Width = 16;

    /// <summary>
    /// For methods that loop over vectors: compiled on their own they keep them in registers, while in one large method the compiler gives up
    /// inlining half-way, and each call spills all of them.
    /// </summary>
    public const MethodImplOptions Loop = MethodImplOptions.NoInlining;

    /// <summary>Below this e^x counts as e^-87, 1.6e-38.</summary>
    private const float LeastExponent = -87;

    /// <summary>The length of the vectors that hold so many numbers.</summary>
    public static int Whole(int length) => (length + Width - 1) / Width * Width;

    /// <summary>Elements index .. index + 15, all of which must be there: a call on another path would make the processor spill its vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ReadOnlySpan<float> source, int index) => Vector512.Create(source.Slice(index, Width));

    /// <summary>Writes elements index .. index + 15, all of which must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, Span<float> target, int index) => value.CopyTo(target.Slice(index, Width));

    /// <summary>
    /// e^x for x from -87 to 88, and clamped there: x = n ln 2 + r, and a polynomial of degree 6 for e^r (Cephes' coefficients for float32).
    /// Relative error below 2e-7. NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MinNative(Vector512.Create(88f), Vector512.MaxNative(Vector512.Create(LeastExponent), x));
        var n = Vector512.Round(x * 1.44269504f);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r + Vector512<float>.One);
        return Avx512F.IsSupported ? Avx512F.Scale(p, n) : p * ((Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23).AsSingle();
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>The sum of x_i y_i over whole vectors.</summary>
    [MethodImpl(Loop)]
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var (even, odd) = (Vector512<float>.Zero, Vector512<float>.Zero); // two sums: one would wait for each of its additions
        var i = 0;
        for (; i + Width < x.Length; i += 2 * Width)
        {
            even = Vector512.FusedMultiplyAdd(Load(x, i), Load(y, i), even);
            odd = Vector512.FusedMultiplyAdd(Load(x, i + Width), Load(y, i + Width), odd);
        }
        if (i < x.Length)
            even = Vector512.FusedMultiplyAdd(Load(x, i), Load(y, i), even);
        return Vector512.Sum(even + odd);
    }

    /// <summary>Adds bfloat16 numbers to as many float32 ones.</summary>
    [MethodImpl(Loop)]
    public static void Add(ReadOnlySpan<ushort> numbers, Span<float> sum)
    {
        var i = 0;
        for (; i + Width <= sum.Length; i += Width)
            Store(Load(sum, i) + Wide(numbers, i), sum, i);
        for (; i < sum.Length; i++)
            sum[i] += Wide(numbers[i]);
    }

    /// <summary>The largest number of whole vectors; minus infinity for none. It may pass over NaN, which <see cref="Exponentiate"/>'s sum does not.</summary>
    [MethodImpl(Loop)]
    public static float Largest(ReadOnlySpan<float> row)
    {
        var (largest, odd) = (Vector512.Create(float.NegativeInfinity), Vector512.Create(float.NegativeInfinity));
        var i = 0;
        for (; i + Width < row.Length; i += 2 * Width)
        {
            largest = Vector512.MaxNative(largest, Load(row, i));
            odd = Vector512.MaxNative(odd, Load(row, i + Width));
        }
        if (i < row.Length)
            largest = Vector512.MaxNative(largest, Load(row, i));
        largest = Vector512.MaxNative(largest, odd);
        var half = Vector256.MaxNative(largest.GetLower(), largest.GetUpper());
        var quarter = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(quarter[0], quarter[1]), Math.Max(quarter[2], quarter[3]));
    }

    /// <summary>Replaces x by e^(x - largest), over whole vectors, and returns the sum.</summary>
    [MethodImpl(Loop)]
    public static float Exponentiate(Span<float> row, float largest)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < row.Length; i += Width)
        {
            var exponential = Exp(Load(row, i) - Vector512.Create(largest));
            Store(exponential, row, i);
            sum += exponential;
        }
        return Vector512.Sum(sum);
    }

    /// <summary>The sum of e^(x - largest), and the sum of (x - largest) e^(x - largest), over whole vectors; minus infinity adds next to nothing to either.</summary>
    [MethodImpl(Loop)]
    public static (float Sum, float Weighted) ExponentialSums(ReadOnlySpan<float> row, float largest)
    {
        var (sum, weighted) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < row.Length; i += Width)
        {
            var difference = Vector512.MaxNative(Vector512.Create(LeastExponent), Load(row, i) - Vector512.Create(largest));
            var exponential = Exp(difference);
            sum += exponential;
            weighted = Vector512.FusedMultiplyAdd(difference, exponential, weighted);
        }
        return (Vector512.Sum(sum), Vector512.Sum(weighted));
    }

    /// <summary>Multiplies whole vectors.</summary>
    [MethodImpl(Loop)]
    public static void Scale(Span<float> row, float factor)
    {
        for (var i = 0; i < row.Length; i += Width)
            Store(Load(row, i) * factor, row, i);
    }

    /// <summary>The product of each row, as wide as the vector, with the vector.</summary>
    /// <typeparam name="T">float, or ushort for bfloat16.</typeparam>
    [MethodImpl(Loop)]
    public static void Dots<T>(ReadOnlySpan<T> rows, ReadOnlySpan<float> vector, Span<float> products)
        where T : unmanaged
    {
        for (var row = 0; row < products.Length; row++)
        {
            var x = rows.Slice(row * vector.Length, vector.Length);
            var sum = Vector512<float>.Zero;
            var i = 0;
            for (; i + Width <= x.Length; i += Width)
                sum = Vector512.FusedMultiplyAdd(Wide(x, i), Load(vector, i), sum);
            var total = Vector512.Sum(sum);
            for (; i < x.Length; i++)
                total += Wide(x[i]) * vector[i];
            products[row] = total;
        }
    }

    /// <summary>Adds each row, as wide as the vector, times its factor to the vector.</summary>
    /// <typeparam name="T">float, or ushort for bfloat16.</typeparam>
    [MethodImpl(Loop)]
    public static void AddRows<T>(ReadOnlySpan<T> rows, ReadOnlySpan<float> factors, Span<float> vector)
        where T : unmanaged
    {
        var i = 0;
        for (; i + Width <= vector.Length; i += Width)
        {
            var sum = Load(vector, i);
            for (int row = 0, at = i; row < factors.Length; row++, at += vector.Length)
                sum = Vector512.FusedMultiplyAdd(Wide(rows, at), Vector512.Create(factors[row]), sum);
            Store(sum, vector, i);
        }
        for (; i < vector.Length; i++)
        {
            for (var row = 0; row < factors.Length; row++)
                vector[i] += factors[row] * Wide(rows[row * vector.Length + i]);
        }
    }

    /// <summary>bfloat16 numbers, the upper halves of float32 ones, as float32.</summary>
    [MethodImpl(Loop)]
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var i = 0;
        for (; i + Width <= source.Length; i += Width)
            Store(Wide(source, i), target, i);
        for (; i < source.Length; i++)
            target[i] = Wide(source[i]);
    }

    /// <summary>float32 numbers as bfloat16, rounded to nearest even. The processor's NaNs stay NaNs: their lower half is 0.</summary>
    [MethodImpl(Loop)]
    public static void Narrow(ReadOnlySpan<float> source, Span<ushort> target)
    {
        var i = 0;
        for (; i + Width <= source.Length; i += Width)
        {
            var bits = Load(source, i).AsUInt32();
            var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
            var narrow = Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(rounded) : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
            narrow.CopyTo(target.Slice(i, Width));
        }
        for (; i < source.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[i]);
            target[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wide<T>(ReadOnlySpan<T> source, int index)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Load(MemoryMarshal.Cast<T, float>(source), index)
            : (Vector512.WidenLower(Vector256.Create(MemoryMarshal.Cast<T, ushort>(source).Slice(index, Width)).ToVector512Unsafe()) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Wide<T>(T number)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(number) : BitConverter.UInt32BitsToSingle((uint)Unsafe.BitCast<T, ushort>(number) << 16);
}
