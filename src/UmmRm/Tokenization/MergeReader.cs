namespace UmmRm.Tokenization;

/// <summary>Collects the merges of a file, in the order of their ranks.</summary>
internal sealed class MergeReader(Vocabulary vocabulary, int capacity)
{
    private const char Mark = '\u2581';
    private char[] _product = new char[256];

    public MergeTable Table { get; } = new(capacity);

    /// <summary>How many were read.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no merge so far puts something that begins with U+2581 behind something that ends otherwise.</summary>
    public bool MarksBeginWords { get; private set; } = true;

    /// <summary>Adds a merge in the older form <c>"a b"</c>; false when it is not two tokens of the vocabulary that make a third.</summary>
    public bool TryAdd(ReadOnlySpan<char> merge)
    {
        var space = merge.IndexOf(' ');
        return space > 0 && !merge[(space + 1)..].Contains(' ') && TryAdd(merge[..space], merge[(space + 1)..]);
    }

    /// <summary>Adds a merge; false when the two or their product are not in the vocabulary.</summary>
    public bool TryAdd(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.IsEmpty || right.IsEmpty)
            return false;
        if (_product.Length < left.Length + right.Length)
            _product = new char[2 * (left.Length + right.Length)];
        left.CopyTo(_product);
        right.CopyTo(_product.AsSpan(left.Length));
        if (vocabulary.IdOf(left) is not { } leftId || vocabulary.IdOf(right) is not { } rightId || vocabulary.IdOf(_product.AsSpan(0, left.Length + right.Length)) is not { } productId)
            return false;
        Table.Set(leftId, rightId, Count++, productId);
        MarksBeginWords &= right[0] != Mark || left[^1] == Mark;
        return true;
    }
}
