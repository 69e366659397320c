using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// The rows of a contiguous tensor as whole vectors of float32 numbers: those of a float32 tensor in place where they fill whole vectors, all others
/// through a row of scratch memory. So that a kernel is written once, and without a care for the last vector. For one thread.
/// </summary>
internal readonly ref struct TensorRows
{
    private readonly Span<float> _wide;
    private readonly Span<ushort> _narrow;
    private readonly float[]? _scratch;
    private readonly int _width;
    private readonly float _filling;

    /// <summary>A view of the tensor's memory, which must be one that <see cref="Simd.Takes"/>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="filling">What follows a row's numbers in its last vector.</param>
    public TensorRows(Tensor tensor, int width, float filling = 0)
    {
        (_width, _filling) = (width, filling);
        if (tensor.dtype == ScalarType.Float32)
            _wide = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        else
            _narrow = MemoryMarshal.Cast<byte, ushort>(tensor.bytes);
        if (tensor.dtype != ScalarType.Float32 || width % Lanes.Width != 0)
            _scratch = GC.AllocateUninitializedArray<float>(Lanes.Whole(width));
    }

    /// <summary>The vectors that hold the first <paramref name="length"/> numbers of a row; valid until the next call.</summary>
    public ReadOnlySpan<float> Read(int row, int length)
    {
        var (start, whole) = (row * _width, Lanes.Whole(length));
        if (_scratch is null)
            return _wide.Slice(start, whole);
        var numbers = Math.Min(whole, _width);
        CopyTo(row, _scratch.AsSpan(0, numbers));
        _scratch.AsSpan(numbers, whole - numbers).Fill(_filling);
        return _scratch.AsSpan(0, whole);
    }

    /// <summary>Copies the first numbers of a row, as many as the target holds.</summary>
    public void CopyTo(int row, Span<float> target)
    {
        if (_narrow.IsEmpty)
            _wide.Slice(row * _width, target.Length).CopyTo(target);
        else
            Lanes.Widen(_narrow.Slice(row * _width, target.Length), target);
    }

    /// <summary>A row's vectors; valid until the next call.</summary>
    public ReadOnlySpan<float> Read(int row) => Read(row, _width);

    /// <summary>A row to be changed in place: the vectors of its first <paramref name="length"/> numbers, and room for the others; then call <see cref="Written"/>.</summary>
    public Span<float> Change(int row, int length)
    {
        Read(row, length);
        return Target(row);
    }

    /// <summary>The products of consecutive rows with a vector, without a copy of the rows.</summary>
    public void Dots(int row, ReadOnlySpan<float> vector, Span<float> products)
    {
        if (_narrow.IsEmpty)
            Lanes.Dots<float>(_wide.Slice(row * _width, products.Length * _width), vector, products);
        else
            Lanes.Dots<ushort>(_narrow.Slice(row * _width, products.Length * _width), vector, products);
    }

    /// <summary>Adds consecutive rows, each times its factor, to a vector, without a copy of the rows.</summary>
    public void AddTo(int row, ReadOnlySpan<float> factors, Span<float> vector)
    {
        if (_narrow.IsEmpty)
            Lanes.AddRows<float>(_wide.Slice(row * _width, factors.Length * _width), factors, vector);
        else
            Lanes.AddRows<ushort>(_narrow.Slice(row * _width, factors.Length * _width), factors, vector);
    }

    /// <summary>Where to put a row's vectors; then call <see cref="Written"/>. Holds no meaningful numbers before.</summary>
    public Span<float> Target(int row) => _scratch is null ? _wide.Slice(row * _width, _width) : _scratch;

    /// <summary>Takes over what was put into <see cref="Target"/> of the same row; what is beyond the row is dropped.</summary>
    public void Written(int row)
    {
        if (_scratch is not null)
            Write(row, _scratch);
    }

    /// <summary>Takes over a row's vectors from elsewhere; what is beyond the row is dropped.</summary>
    public void Write(int row, ReadOnlySpan<float> vectors)
    {
        if (_narrow.IsEmpty)
            vectors[.._width].CopyTo(_wide.Slice(row * _width, _width));
        else
            Lanes.Narrow(vectors[.._width], _narrow.Slice(row * _width, _width));
    }
}
