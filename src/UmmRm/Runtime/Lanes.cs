using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace UmmRm.Runtime;

/// <summary>Arithmetic on 16 float32 numbers at a time, on every processor: where 512 bits are not native, .NET computes in two or four parts.</summary>
internal static class Lanes
{
    /// <summary>Numbers a vector holds.</summary>
    public const int Width = 16;

    /// <summary>Elements index .. index + 15; those beyond the end are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ReadOnlySpan<float> source, int index) => index + Width <= source.Length
        ? Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)index)
        : LoadPart(source[index..]);

    /// <summary>Writes elements index .. index + 15; those beyond the end are dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, Span<float> target, int index)
    {
        if (index + Width <= target.Length)
            value.StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)index);
        else
            StorePart(value, target[index..]);
    }

    /// <summary>The first <paramref name="count"/> lanes of the value, and the filling in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> First(int count, Vector512<float> value, float filling) => count >= Width
        ? value
        : Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle(), value, Vector512.Create(filling));

    /// <summary>
    /// e^x for x from -87 to 88, and clamped there: x = n ln 2 + r, and a polynomial of degree 6 for e^r (Cephes' coefficients for float32).
    /// Relative error below 2e-7. NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MinNative(Vector512.Create(88f), Vector512.MaxNative(Vector512.Create(-87f), x));
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
        var power = (Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23;
        return p * power.AsSingle();
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>The sum of x_i y_i.</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < x.Length; i += Width)
            sum = Vector512.FusedMultiplyAdd(Load(x, i), Load(y, i), sum);
        return Vector512.Sum(sum);
    }

    /// <summary>The largest number of a row; minus infinity for none. NaN where there is one.</summary>
    public static float Largest(ReadOnlySpan<float> row)
    {
        var largest = Vector512.Create(float.NegativeInfinity);
        for (var i = 0; i < row.Length; i += Width)
            largest = Vector512.Max(largest, First(row.Length - i, Load(row, i), float.NegativeInfinity));
        var half = Vector256.Max(largest.GetLower(), largest.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(quarter[0], quarter[1]), Math.Max(quarter[2], quarter[3]));
    }

    /// <summary>Replaces x by e^(x - largest) and returns the sum.</summary>
    public static float Exponentiate(Span<float> row, float largest)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < row.Length; i += Width)
        {
            var exponential = Exp(Load(row, i) - Vector512.Create(largest));
            Store(exponential, row, i);
            sum += First(row.Length - i, exponential, 0);
        }
        return Vector512.Sum(sum);
    }

    /// <summary>The sum of e^(x - largest), and the sum of (x - largest) e^(x - largest).</summary>
    public static (float Sum, float Weighted) ExponentialSums(ReadOnlySpan<float> row, float largest)
    {
        var (sum, weighted) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < row.Length; i += Width)
        {
            var difference = Load(row, i) - Vector512.Create(largest);
            var exponential = First(row.Length - i, Exp(difference), 0);
            sum += exponential;
            weighted = Vector512.FusedMultiplyAdd(difference, exponential, weighted);
        }
        return (Vector512.Sum(sum), Vector512.Sum(weighted));
    }

    /// <summary>Multiplies a row.</summary>
    public static void Scale(Span<float> row, float factor)
    {
        for (var i = 0; i < row.Length; i += Width)
            Store(Load(row, i) * factor, row, i);
    }

    /// <summary>The product of each row, as wide as the vector, with the vector.</summary>
    public static void Dots(ReadOnlySpan<float> rows, ReadOnlySpan<float> vector, Span<float> products)
    {
        for (var row = 0; row < products.Length; row++)
            products[row] = Dot(rows.Slice(row * vector.Length, vector.Length), vector);
    }

    /// <summary>The product of each bfloat16 row with the vector.</summary>
    public static void Dots(ReadOnlySpan<ushort> rows, ReadOnlySpan<float> vector, Span<float> products)
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
    public static void AddRows(ReadOnlySpan<float> rows, ReadOnlySpan<float> factors, Span<float> vector)
    {
        for (var i = 0; i < vector.Length; i += Width)
        {
            var sum = Load(vector, i);
            for (int row = 0, at = i; row < factors.Length; row++, at += vector.Length)
                sum = Vector512.FusedMultiplyAdd(Load(rows, at), Vector512.Create(factors[row]), sum);
            Store(sum, vector, i);
        }
    }

    /// <summary>Adds each bfloat16 row times its factor to the vector.</summary>
    public static void AddRows(ReadOnlySpan<ushort> rows, ReadOnlySpan<float> factors, Span<float> vector)
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
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var i = 0;
        ref var to = ref MemoryMarshal.GetReference(target[..source.Length]);
        for (; i + Width <= source.Length; i += Width)
            Wide(source, i).StoreUnsafe(ref to, (nuint)i);
        for (; i < source.Length; i++)
            target[i] = Wide(source[i]);
    }

    /// <summary>float32 numbers as bfloat16, rounded to nearest even. The processor's NaNs stay NaNs: their lower half is 0.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Span<ushort> target)
    {
        var i = 0;
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target[..source.Length]);
        for (; i + Width <= source.Length; i += Width)
        {
            var bits = Vector512.LoadUnsafe(ref from, (nuint)i).AsUInt32();
            var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
            Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < source.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[i]);
            target[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wide(ReadOnlySpan<ushort> source, int index) =>
        (Vector512.WidenLower(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)index).ToVector512Unsafe()) << 16).AsSingle();

    private static float Wide(ushort half) => BitConverter.UInt32BitsToSingle((uint)half << 16);

    private static Vector512<float> LoadPart(ReadOnlySpan<float> rest)
    {
        if (rest.Length == Vector256<float>.Count)
            return Vector256.Create(rest).ToVector512(); // half of a small head
        Span<float> whole = stackalloc float[Width];
        whole.Clear();
        rest.CopyTo(whole);
        return Vector512.Create<float>(whole);
    }

    private static void StorePart(Vector512<float> value, Span<float> rest)
    {
        if (rest.Length == Vector256<float>.Count)
        {
            value.GetLower().CopyTo(rest);
            return;
        }
        Span<float> whole = stackalloc float[Width];
        value.CopyTo(whole);
        whole[..rest.Length].CopyTo(rest);
    }
}
