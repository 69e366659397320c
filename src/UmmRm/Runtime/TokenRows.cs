using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Where the rows of a batch stand when their tokens follow each other without padding: what works on single tokens then computes real ones
/// only, and attention works on a row, or a run of rows of equal length, at a time.
/// </summary>
internal sealed class TokenRows
{
    private readonly int[] _starts; // [b + 1]
    private readonly int _width;

    /// <summary>Rows of the given lengths, which stand <paramref name="width"/> apart in the padded batch.</summary>
    public TokenRows(IReadOnlyList<int> lengths, int width)
    {
        _width = width;
        _starts = new int[lengths.Count + 1];
        for (var row = 0; row < lengths.Count; row++)
            _starts[row + 1] = _starts[row] + lengths[row];
    }

    /// <summary>Rows without padding.</summary>
    public static TokenRows Full(int rows, int width) => new([.. Enumerable.Repeat(width, rows)], width);

    /// <summary>b.</summary>
    public int Rows => _starts.Length - 1;

    /// <summary>Tokens of all rows together.</summary>
    public int Tokens => _starts[^1];

    /// <summary>Tokens that the padded batch holds beyond them.</summary>
    public int Padding => Rows * _width - Tokens;

    /// <summary>Rows of equal length that follow each other: the first one's index, how many, and their length.</summary>
    public IEnumerable<(int Row, int Count, int Length)> Runs
    {
        get
        {
            for (int row = 0, next; row < Rows; row = next)
            {
                next = row + 1;
                while (next < Rows && Length(next) == Length(row))
                    next++;
                yield return (row, next - row, Length(row));
            }
        }
    }

    /// <summary>Index of a row's first token.</summary>
    public int Start(int row) => _starts[row];

    /// <summary>Tokens of a row.</summary>
    public int Length(int row) => _starts[row + 1] - _starts[row];

    /// <summary>The row that a token stands in.</summary>
    public int RowOf(int token)
    {
        var found = Array.BinarySearch(_starts, token);
        if (found < 0)
            return ~found - 1;
        while (_starts[found + 1] == token) // rows before it are empty
            found++;
        return found;
    }

    /// <summary>[tokens] int64: where each token stands in the flattened padded batch.</summary>
    public Tensor PaddedPlaces() => tensor(Enumerable.Range(0, Rows).SelectMany(row => Enumerable.Range(row * _width, Length(row)).Select(place => (long)place)).ToArray());

    /// <summary>[1, b * n] int64: places within rows, [b, n], as indices of tokens.</summary>
    public Tensor Flat(Tensor places)
    {
        using var starts = tensor(_starts[..^1].Select(start => (long)start).ToArray());
        using var column = starts.unsqueeze(1);
        using var sums = column.Plus(places);
        return sums.view(1, -1);
    }

    /// <summary>[1, q, tokens] bool: which tokens the given ones may see: earlier ones and itself in its own row, but for the row's gap.</summary>
    /// <param name="queries">[1, q] int64 indices of tokens.</param>
    /// <param name="gaps">One a row, or null.</param>
    public Tensor Mask(Tensor queries, IReadOnlyList<KeyGap>? gaps)
    {
        var count = (int)queries.NumberOfElements;
        var mask = zeros([1, count, Tokens], dtype: ScalarType.Bool);
        var visible = MemoryMarshal.Cast<byte, bool>(mask.bytes);
        var places = MemoryMarshal.Cast<byte, long>(queries.bytes);
        for (var i = 0; i < count; i++)
        {
            var query = (int)places[i];
            var row = RowOf(query);
            var own = visible.Slice(i * Tokens + Start(row), query - Start(row) + 1);
            own.Fill(true);
            if (gaps is not null && own.Length > gaps[row].End)
                own[gaps[row].Start..gaps[row].End].Clear();
        }
        return mask;
    }
}
