using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// The rows of a contiguous tensor as float32 numbers: those of a float32 tensor in place, those of a bfloat16 tensor through a row of
/// scratch memory. So that a kernel is written once. For one thread.
/// </summary>
internal readonly ref struct TensorRows
{
    private readonly Span<float> _wide;
    private readonly Span<ushort> _narrow;
    private readonly float[] _scratch;
    private readonly int _width;

    /// <summary>A view of the tensor's memory, which must be one that <see cref="Simd.Takes"/>.</summary>
    public TensorRows(Tensor tensor, int width)
    {
        _width = width;
        _scratch = [];
        if (tensor.dtype == ScalarType.Float32)
        {
            _wide = MemoryMarshal.Cast<byte, float>(tensor.bytes);
            return;
        }
        _narrow = MemoryMarshal.Cast<byte, ushort>(tensor.bytes);
        _scratch = GC.AllocateUninitializedArray<float>(width);
    }

    /// <summary>The first <paramref name="length"/> numbers of a row; valid until the next call.</summary>
    public ReadOnlySpan<float> Read(int row, int length)
    {
        var start = row * _width;
        if (_narrow.IsEmpty)
            return _wide.Slice(start, length);
        Lanes.Widen(_narrow.Slice(start, length), _scratch);
        return _scratch.AsSpan(0, length);
    }

    /// <summary>A row's numbers; valid until the next call.</summary>
    public ReadOnlySpan<float> Read(int row) => Read(row, _width);

    /// <summary>A row to be changed in place: its first <paramref name="length"/> numbers, and room for the others; then call <see cref="Written"/>.</summary>
    public Span<float> Change(int row, int length)
    {
        Read(row, length);
        return Target(row);
    }

    /// <summary>The products of consecutive rows with a vector, without a copy of the rows.</summary>
    public void Dots(int row, ReadOnlySpan<float> vector, Span<float> products)
    {
        if (_narrow.IsEmpty)
            Lanes.Dots(_wide.Slice(row * _width, products.Length * _width), vector, products);
        else
            Lanes.Dots(_narrow.Slice(row * _width, products.Length * _width), vector, products);
    }

    /// <summary>Adds consecutive rows, each times its factor, to a vector, without a copy of the rows.</summary>
    public void AddTo(int row, ReadOnlySpan<float> factors, Span<float> vector)
    {
        if (_narrow.IsEmpty)
            Lanes.AddRows(_wide.Slice(row * _width, factors.Length * _width), factors, vector);
        else
            Lanes.AddRows(_narrow.Slice(row * _width, factors.Length * _width), factors, vector);
    }

    /// <summary>Where to put a row's numbers; then call <see cref="Written"/>. Holds no meaningful numbers before.</summary>
    public Span<float> Target(int row) => _narrow.IsEmpty ? _wide.Slice(row * _width, _width) : _scratch.AsSpan(0, _width);

    /// <summary>Takes over what was put into <see cref="Target"/> of the same row.</summary>
    public void Written(int row)
    {
        if (!_narrow.IsEmpty)
            Lanes.Narrow(_scratch.AsSpan(0, _width), _narrow.Slice(row * _width, _width));
    }
}
