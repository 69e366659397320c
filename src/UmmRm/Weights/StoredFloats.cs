using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace UmmRm.Weights;

/// <summary>
/// The floating-point types that models are stored in, to and from float32, as plain vector code: no thread pool, no libtorch. Rounding is to the nearest, ties to even.
/// </summary>
internal static class StoredFloats
{
    private const int ChunkLength = 4096;

    /// <summary>Whether the type is one of F32, BF16 and F16.</summary>
    public static bool Supports(TensorType type) => type == TensorType.F32 || type == TensorType.BF16 || type == TensorType.F16;

    /// <summary>Copies numbers from one stored type to another.</summary>
    /// <param name="from">The source's type.</param>
    /// <param name="source">Stored numbers.</param>
    /// <param name="to">The destination's type.</param>
    /// <param name="destination">Room for as many numbers.</param>
    public static void Convert(TensorType from, ReadOnlySpan<byte> source, TensorType to, Span<byte> destination)
    {
        if (from == to)
        {
            source.CopyTo(destination);
            return;
        }
        Span<float> values = stackalloc float[ChunkLength];
        var (fromLength, toLength) = (from.Bits / 8, to.Bits / 8);
        for (var count = source.Length / fromLength; count > 0; count -= ChunkLength)
        {
            var chunk = values[..Math.Min(count, ChunkLength)];
            Decode(from, source[..(chunk.Length * fromLength)], chunk);
            Encode(to, chunk, destination[..(chunk.Length * toLength)]);
            source = source[(chunk.Length * fromLength)..];
            destination = destination[(chunk.Length * toLength)..];
        }
    }

    /// <summary>Stored numbers -> float32.</summary>
    public static void Decode(TensorType type, ReadOnlySpan<byte> stored, Span<float> values)
    {
        if (type == TensorType.F32)
            stored.CopyTo(MemoryMarshal.AsBytes(values));
        else if (type == TensorType.BF16)
            DecodeBFloat16(MemoryMarshal.Cast<byte, ushort>(stored), MemoryMarshal.Cast<float, uint>(values));
        else
            DecodeHalf(MemoryMarshal.Cast<byte, Half>(stored), values);
    }

    /// <summary>float32 -> stored numbers.</summary>
    public static void Encode(TensorType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        if (type == TensorType.F32)
            MemoryMarshal.AsBytes(values).CopyTo(stored);
        else if (type == TensorType.BF16)
            EncodeBFloat16(MemoryMarshal.Cast<float, uint>(values), MemoryMarshal.Cast<byte, ushort>(stored));
        else
            EncodeHalf(values, MemoryMarshal.Cast<byte, Half>(stored));
    }

    /// <summary>A bfloat16 is the upper half of a float32.</summary>
    private static void DecodeBFloat16(ReadOnlySpan<ushort> stored, Span<uint> bits)
    {
        var vectors = MemoryMarshal.Cast<ushort, Vector512<ushort>>(stored);
        var results = MemoryMarshal.Cast<uint, Vector512<uint>>(bits);
        for (var i = 0; i < vectors.Length; i++)
        {
            var (low, high) = Vector512.Widen(vectors[i]);
            results[2 * i] = low << 16;
            results[(2 * i) + 1] = high << 16;
        }
        for (var i = vectors.Length * Vector512<ushort>.Count; i < stored.Length; i++)
            bits[i] = (uint)stored[i] << 16;
    }

    private static void EncodeBFloat16(ReadOnlySpan<uint> bits, Span<ushort> stored)
    {
        var vectors = MemoryMarshal.Cast<uint, Vector512<uint>>(bits);
        var results = MemoryMarshal.Cast<ushort, Vector512<ushort>>(stored);
        for (var i = 0; i < results.Length; i++)
            results[i] = Vector512.Narrow(UpperHalf(vectors[2 * i]), UpperHalf(vectors[(2 * i) + 1]));
        for (var i = results.Length * Vector512<ushort>.Count; i < bits.Length; i++)
            stored[i] = (ushort)UpperHalf(Vector512.Create(bits[i]))[0];
    }

    /// <summary>Rounds float32 bits to their upper 16; a NaN stays one.</summary>
    private static Vector512<uint> UpperHalf(Vector512<uint> bits)
    {
        var rounded = (bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        var isNumber = Vector512.LessThanOrEqual(bits & Vector512.Create(0x7fffffffu), Vector512.Create(0x7f800000u));
        return Vector512.ConditionalSelect(isNumber, rounded, (bits >> 16) | Vector512.Create(0x40u));
    }

    private static void DecodeHalf(ReadOnlySpan<Half> stored, Span<float> values)
    {
        for (var i = 0; i < stored.Length; i++)
            values[i] = (float)stored[i];
    }

    private static void EncodeHalf(ReadOnlySpan<float> values, Span<Half> stored)
    {
        for (var i = 0; i < values.Length; i++)
            stored[i] = (Half)values[i];
    }
}
