using System.Runtime.InteropServices;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Data;

/// <summary>Fills right-padded rows on the host and hands them over as tensors: the one place where lists of ids become a batch.</summary>
internal sealed class RowTensors
{
    private readonly int _rows;
    private readonly int _width;
    private readonly int _texts;
    private readonly long[] _ids;
    private readonly long[] _positions;
    private readonly long[] _ends;
    private readonly float[] _weights;
    private readonly KeyGap[] _gaps;
    private readonly int[] _lengths;
    private bool _branched;

    public RowTensors(int rows, int width, int textsPerRow, int padId)
    {
        (_rows, _width, _texts) = (rows, width, textsPerRow);
        _ids = new long[rows * width];
        Array.Fill(_ids, padId);
        _positions = new long[rows * width];
        _weights = new float[rows * width];
        _ends = new long[rows * textsPerRow];
        _gaps = new KeyGap[rows];
        _lengths = new int[rows];
    }

    public long Tokens { get; private set; }

    /// <summary>A whole text from the row's start.</summary>
    public void AddText(int row, ReadOnlySpan<int> ids)
    {
        Put(row, 0, ids, 0, 1);
        _ends[row * _texts] = ids.Length - 1;
    }

    /// <summary>Prefix, chosen branch, rejected branch; the branches may not see each other.</summary>
    public void AddPair(int row, EncodedPair pair)
    {
        var (prefix, middle, end) = (pair.SharedPrefix, pair.Chosen.Length, pair.RowLength);
        Put(row, 0, pair.Chosen.AsSpan(0, prefix), 0, 2);
        Put(row, prefix, pair.Chosen.AsSpan(prefix), prefix, 1);
        Put(row, middle, pair.Rejected.AsSpan(prefix), prefix, 1);
        _ends[row * _texts] = middle - 1;
        _ends[row * _texts + 1] = end - 1;
        _gaps[row] = new KeyGap(prefix, middle);
        _branched = true;
    }

    /// <summary>What each row's later branch must not see, or null where no row has branches.</summary>
    public IReadOnlyList<KeyGap>? Gaps => _branched ? _gaps : null;

    /// <summary>Real tokens of each row.</summary>
    public IReadOnlyList<int> Lengths => _lengths;

    public (Tensor Ids, Tensor Positions, Tensor Ends, Tensor Weights) ToTensors(Device device) =>
        (From(_ids, [_rows, _width], device), From(_positions, [_rows, _width], device), From(_ends, [_rows, _texts], device), From(_weights, [_rows, _width], device));

    private void Put(int row, int at, ReadOnlySpan<int> ids, int position, float weight)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            _ids[row * _width + at + i] = ids[i];
            _positions[row * _width + at + i] = position + i;
            _weights[row * _width + at + i] = weight;
        }
        Tokens += ids.Length;
        _lengths[row] += ids.Length;
    }

    private static Tensor From<T>(T[] values, long[] shape, Device device) where T : unmanaged
    {
        var host = empty(shape, dtype: typeof(T) == typeof(long) ? ScalarType.Int64 : ScalarType.Float32);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(host.bytes);
        if (device.type == TorchSharp.DeviceType.CPU)
            return host;
        using (host)
            return host.to(device);
    }
}
