using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// What a row hides from causal attention: queries from position <paramref name="End"/> on do not see the keys Start .. End - 1. A pair in one
/// row hides the first branch from the second, left padding hides itself from the text (Start 0), and an empty gap hides nothing.
/// </summary>
/// <param name="Start">First hidden key.</param>
/// <param name="End">The key after the last hidden one.</param>
public readonly record struct KeyGap(int Start, int End)
{
    /// <summary>true where a query may look at a key: [b, n, s] bool.</summary>
    /// <param name="gaps">One a row, or null for none.</param>
    /// <param name="queries">[b or 1, n] int64: the queries' places in their row.</param>
    /// <param name="keys">s, the number of keys.</param>
    public static Tensor Mask(IReadOnlyList<KeyGap>? gaps, Tensor queries, long keys)
    {
        using var scope = NewDisposeScope();
        var key = Scalars.Range(0, keys, queries.device);   // [s]
        var query = queries.unsqueeze(-1);                                         // [b, n, 1]
        var visible = key.le(query);
        if (gaps is null)
            return visible.MoveToOuterDisposeScope();
        var starts = tensor(gaps.Select(gap => (long)gap.Start).ToArray(), device: queries.device).view(-1, 1, 1);
        var ends = tensor(gaps.Select(gap => (long)gap.End).ToArray(), device: queries.device).view(-1, 1, 1);
        var hidden = query.ge(ends) & key.ge(starts) & key.lt(ends);
        return (visible & hidden.logical_not()).MoveToOuterDisposeScope();
    }
}
