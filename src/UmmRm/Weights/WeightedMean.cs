using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace UmmRm.Weights;

/// <summary>
/// A weighted mean of tensors, made block by block: x_0 - sum_(i >= 1) w_i (x_0 - x_i), where w_0 = 1 - sum_(i >= 1) w_i.
/// Written as distances from the first, so that equal tensors give exactly themselves; accumulated in float32 and rounded once to the stored type.
/// </summary>
internal sealed class WeightedMean
{
    private const int ReadLength = 1 << 16; // bytes of each term at a time: a few hundred kilobytes in all, which stay in the processor's cache
    private const int ChunkLength = 1 << 10; // numbers of each term that are float32 at a time: these stay nearer still

    private readonly (ITensorSource Source, string Name)[] _terms;
    private readonly float[] _weights;
    private readonly TensorType _type;

    /// <summary>Prepares the mean of tensors of one shape and type.</summary>
    /// <param name="terms">The tensors.</param>
    /// <param name="weights">A weight for every tensor; they sum to 1.</param>
    /// <exception cref="InvalidDataException">The tensors' forms differ, or are not F32, BF16 or F16.</exception>
    public WeightedMean((ITensorSource Source, string Name)[] terms, double[] weights)
    {
        (_terms, _weights) = (terms, [.. weights.Select(weight => (float)weight)]);
        var first = Info(terms[0]);
        if (!StoredFloats.Supports(first.Type))
            throw new InvalidDataException($"tensor '{first.Name}' is {first.Form}; only F32, BF16 and F16 tensors can be averaged");
        foreach (var other in terms.Skip(1).Select(Info))
        {
            if (other.Form != first.Form)
                throw new InvalidDataException($"tensor '{other.Name}' is {other.Form}, but '{first.Name}', which it is averaged with, is {first.Form}");
        }
        _type = first.Type;
    }

    /// <summary>Fills the destination with the mean's data from a byte offset on.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        var stored = ArrayPool<byte>.Shared.Rent(_terms.Length * ReadLength);
        var values = ArrayPool<float>.Shared.Rent(_terms.Length * ChunkLength);
        while (destination.Length > 0)
        {
            var length = Math.Min(ReadLength, destination.Length);
            for (var i = 0; i < _terms.Length; i++)
                _terms[i].Source.Read(_terms[i].Name, offset, stored.AsSpan(i * ReadLength, length));
            Mean(stored, values, destination[..length]);
            destination = destination[length..];
            offset += length;
        }
        ArrayPool<byte>.Shared.Return(stored);
        ArrayPool<float>.Shared.Return(values);
    }

    /// <summary>The mean of what was read of each term.</summary>
    private void Mean(ReadOnlySpan<byte> stored, Span<float> values, Span<byte> destination)
    {
        var numberLength = _type.Bits / 8;
        for (var at = 0; at < destination.Length; at += ChunkLength * numberLength)
        {
            var part = destination[at..Math.Min(at + (ChunkLength * numberLength), destination.Length)];
            var count = part.Length / numberLength;
            for (var i = 0; i < _terms.Length; i++)
                StoredFloats.Decode(_type, stored.Slice((i * ReadLength) + at, part.Length), values.Slice(i * ChunkLength, count));
            Mean(values);
            StoredFloats.Encode(_type, values[..count], part);
        }
    }

    /// <summary>Puts the mean of the chunks into the first.</summary>
    private void Mean(Span<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var stride = ChunkLength / Vector512<float>.Count;
        for (var at = 0; at < stride; at++)
        {
            var first = vectors[at];
            var distance = Vector512<float>.Zero;
            for (var i = 1; i < _weights.Length; i++)
                distance = Vector512.FusedMultiplyAdd(Vector512.Create(_weights[i]), first - vectors[(i * stride) + at], distance);
            vectors[at] = first - distance;
        }
    }

    private static TensorInfo Info((ITensorSource Source, string Name) term) => term.Source.Find(term.Name) ?? throw new InvalidDataException($"there is no tensor '{term.Name}'");
}
