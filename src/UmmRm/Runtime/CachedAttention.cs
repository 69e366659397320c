using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Attention of a few new tokens to many cached ones, as when text is written token by token: reads each cached key and value once, in place. A
/// batch of products of such shapes would copy them all.
/// </summary>
internal static class CachedAttention
{
    /// <summary>softmax(q k') v without gradients.</summary>
    /// <param name="queries">[b * g, n * m, hd], turned and scaled; see <see cref="HeadLayout"/>.</param>
    /// <param name="keys">[b, g, capacity, hd], of which the first <paramref name="first"/> + n tokens are filled.</param>
    /// <param name="values">[b, g, capacity, hd].</param>
    /// <param name="members">m, query heads of a group.</param>
    /// <param name="first">Place of the first new token.</param>
    /// <param name="gaps">What each batch row hides, or null.</param>
    /// <returns>[b * g, n * m, hd].</returns>
    public static Tensor Forward(Tensor queries, Tensor keys, Tensor values, int members, int first, IReadOnlyList<KeyGap>? gaps)
    {
        var (matrices, count, width) = ((int)queries.shape[0], (int)queries.shape[1], (int)queries.shape[2]);
        var (groups, capacity) = ((int)keys.shape[1], (int)keys.shape[2]);
        var output = empty_like(queries);
        Simd.ForRows(matrices, (long)matrices * count * width * (first + count / members), (_, from, to) =>
        {
            var asked = new TensorRows(queries, width);
            var known = new TensorRows(keys, width);
            var told = new TensorRows(values, width);
            var mixed = new TensorRows(output, width);
            var weights = new float[Lanes.Whole(first + count / members)];
            for (var row = from * count; row < to * count; row++)
            {
                var end = first + row % count / members + 1;
                var store = row / count * capacity;
                var gap = gaps?[row / count / groups] ?? default;
                gap = gap.End < end ? gap : default;
                Weigh(asked.Read(row)[..width], known, store, gap, weights, end);
                Mix(told, store, gap, weights.AsSpan(0, end), mixed.Target(row)[..width]);
                mixed.Written(row);
            }
        });
        return output;
    }

    private static void Weigh(ReadOnlySpan<float> query, TensorRows keys, int store, KeyGap gap, Span<float> weights, int end)
    {
        keys.Dots(store, query, weights[..gap.Start]);
        keys.Dots(store + gap.End, query, weights[gap.End..end]);
        GapSoftmax.ForwardRow(weights, gap, end);
    }

    private static void Mix(TensorRows values, int store, KeyGap gap, ReadOnlySpan<float> weights, Span<float> mixed)
    {
        mixed.Clear();
        values.AddTo(store, weights[..gap.Start], mixed);
        values.AddTo(store + gap.End, weights[gap.End..], mixed);
    }
}
