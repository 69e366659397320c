namespace UmmRm.Tokenization;

/// <summary>Two adjacent tokens.</summary>
internal readonly record struct BpePair(int Left, int Right);

/// <summary>A pair in the queue: the most frequent first, then the smallest ids.</summary>
/// <param name="Pair">The pair.</param>
/// <param name="Count">How often it occurs.</param>
internal readonly record struct BpeCandidate(BpePair Pair, long Count) : IComparable<BpeCandidate>
{
    public int CompareTo(BpeCandidate other) =>
        Count != other.Count ? other.Count.CompareTo(Count)
        : Pair.Left != other.Pair.Left ? Pair.Left.CompareTo(other.Pair.Left)
        : Pair.Right.CompareTo(other.Pair.Right);
}
