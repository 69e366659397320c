using System.Numerics;

namespace UmmRm.Tokenization;

/// <summary>What two neighbouring tokens become, and how early: an open-addressing table from a pair of ids to its rank and product.</summary>
internal sealed class MergeTable
{
    // A multiplier of this process alone: no file can be made whose pairs all fall into one place.
    private static readonly ulong Multiplier = (ulong)Random.Shared.NextInt64() << 1 | 1;

    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <param name="capacity">How many pairs there will be at most.</param>
    public MergeTable(int capacity)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, capacity * 2L));
        _entries = new Entry[size];
        _shift = 64 - BitOperations.Log2(size);
    }

    /// <summary>Pair holds the two ids, and one more so that 0 is an empty place.</summary>
    private record struct Entry(ulong Pair, int Rank, int Product);

    /// <summary>Sets a pair's rank and product; a pair that is set again keeps the last.</summary>
    public void Set(int left, int right, int rank, int product)
    {
        var pair = PairOf(left, right);
        var place = PlaceOf(pair);
        while (_entries[place].Pair != 0 && _entries[place].Pair != pair)
            place = (place + 1) & (_entries.Length - 1);
        _entries[place] = new Entry(pair, rank, product);
    }

    /// <summary>The rank of a pair (small is early) and what it becomes; rank <see cref="int.MaxValue"/> for a pair that does not merge.</summary>
    public (int Rank, int Product) Find(int left, int right)
    {
        var pair = PairOf(left, right);
        for (var place = PlaceOf(pair); _entries[place].Pair != 0; place = (place + 1) & (_entries.Length - 1))
        {
            if (_entries[place].Pair == pair)
                return (_entries[place].Rank, _entries[place].Product);
        }
        return (int.MaxValue, 0);
    }

    private static ulong PairOf(int left, int right) => (((ulong)(uint)left << 32) | (uint)right) + 1;

    private int PlaceOf(ulong pair) => (int)((pair * Multiplier) >> _shift);
}
