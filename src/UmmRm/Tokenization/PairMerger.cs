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
    private readonly MergeTable merges;
    private readonly Span<Symbol> symbols;
    private readonly Span<ulong> heap;
    private int heapSize;

    private PairMerger(MergeTable merges, Span<Symbol> symbols, Span<ulong> heap)
    {
        this.merges = merges;
        this.symbols = symbols;
        this.heap = heap;
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
        for (var i = 0; i < symbols.Length; i++)
            (symbols[i].Previous, symbols[i].Next) = (i - 1, i + 1);
        for (var i = 0; i < symbols.Length; i++)
            Offer(i);
        while (heapSize > 0)
        {
            var top = Pop();
            var position = (int)(uint)top;
            if (symbols[position].Rank == (int)(top >> 32))
                Join(position);
        }
        var count = 0;
        for (var i = 0; i < symbols.Length; i = symbols[i].Next)
            symbols[count++] = symbols[i];
        return count;
    }

    private void Join(int position)
    {
        ref var left = ref symbols[position];
        ref var right = ref symbols[left.Next];
        left.Id = left.Product;
        left.Width += right.Width;
        left.Next = right.Next;
        right.Rank = int.MaxValue;
        if (left.Next < symbols.Length)
            symbols[left.Next].Previous = position;
        Offer(position);
        if (left.Previous >= 0)
            Offer(left.Previous);
    }

    /// <summary>Looks up what a symbol and its neighbour become, and queues it.</summary>
    private void Offer(int position)
    {
        ref var symbol = ref symbols[position];
        (symbol.Rank, symbol.Product) = symbol.Next < symbols.Length ? merges.Find(symbol.Id, symbols[symbol.Next].Id) : (int.MaxValue, 0);
        if (symbol.Rank != int.MaxValue)
            Push(((ulong)symbol.Rank << 32) | (uint)position);
    }

    private void Push(ulong item)
    {
        var at = heapSize++;
        for (var parent = (at - 1) >> 1; at > 0 && heap[parent] > item; parent = (at - 1) >> 1)
        {
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = item;
    }

    private ulong Pop()
    {
        var top = heap[0];
        var last = heap[--heapSize];
        var at = 0;
        for (var child = 1; child < heapSize; child = (2 * at) + 1)
        {
            if (child + 1 < heapSize && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= last)
                break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = last;
        return top;
    }
}
