using System.Buffers;

namespace UmmRm.Tokenization;

/// <summary>A token in the making: its id and the bytes of text it covers, in a list linked by positions.</summary>
internal struct Symbol
{
    public int Id;
    public int Width;
    public int Previous;
    public int Next;

    /// <summary>The rank at which it merges with the next one; <see cref="int.MaxValue"/>: never.</summary>
    public int Rank;

    /// <summary>What the two become.</summary>
    public int Product;
}

/// <summary>
/// Merges neighbours until no pair of the table is left: the lowest rank first, of equal ones the leftmost. A heap of (rank, position) makes
/// it n log n in the length of the word.
/// </summary>
internal ref struct PairMerger
{
    private readonly MergeTable _merges;
    private readonly Span<Symbol> _symbols;
    private readonly Span<ulong> _heap;
    private int _heapSize;

    private PairMerger(MergeTable merges, Span<Symbol> symbols, Span<ulong> heap)
    {
        _merges = merges;
        _symbols = symbols;
        _heap = heap;
    }

    /// <summary>Merges in place and says how many symbols are left, now at the start of the span.</summary>
    public static int Merge(MergeTable merges, Span<Symbol> symbols)
    {
        // Every merge takes one entry off and puts at most two on: twice the symbols are enough.
        var rented = symbols.Length > 256 ? ArrayPool<ulong>.Shared.Rent(symbols.Length * 2) : null;
        var merger = new PairMerger(merges, symbols, rented ?? stackalloc ulong[512]);
        var count = merger.Run();
        if (rented is not null)
            ArrayPool<ulong>.Shared.Return(rented);
        return count;
    }

    private int Run()
    {
        for (var i = 0; i < _symbols.Length; i++)
            (_symbols[i].Previous, _symbols[i].Next) = (i - 1, i + 1);
        for (var i = 0; i < _symbols.Length; i++)
            Offer(i);
        while (_heapSize > 0)
        {
            var top = Pop();
            var position = (int)(uint)top;
            if (_symbols[position].Rank == (int)(top >> 32))
                Join(position);
        }
        var count = 0;
        for (var i = 0; i < _symbols.Length; i = _symbols[i].Next)
            _symbols[count++] = _symbols[i];
        return count;
    }

    private void Join(int position)
    {
        ref var left = ref _symbols[position];
        ref var right = ref _symbols[left.Next];
        left.Id = left.Product;
        left.Width += right.Width;
        left.Next = right.Next;
        right.Rank = int.MaxValue;
        if (left.Next < _symbols.Length)
            _symbols[left.Next].Previous = position;
        Offer(position);
        if (left.Previous >= 0)
            Offer(left.Previous);
    }

    /// <summary>Looks up what a symbol and its neighbour become, and queues it.</summary>
    private void Offer(int position)
    {
        ref var symbol = ref _symbols[position];
        (symbol.Rank, symbol.Product) = symbol.Next < _symbols.Length ? _merges.Find(symbol.Id, _symbols[symbol.Next].Id) : (int.MaxValue, 0);
        if (symbol.Rank != int.MaxValue)
            Push(((ulong)symbol.Rank << 32) | (uint)position);
    }

    private void Push(ulong item)
    {
        var at = _heapSize++;
        for (var parent = (at - 1) >> 1; at > 0 && _heap[parent] > item; parent = (at - 1) >> 1)
        {
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = item;
    }

    private ulong Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapSize];
        var at = 0;
        for (var child = 1; child < _heapSize; child = (2 * at) + 1)
        {
            if (child + 1 < _heapSize && _heap[child + 1] < _heap[child])
                child++;
            if (_heap[child] >= last)
                break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = last;
        return top;
    }
}
