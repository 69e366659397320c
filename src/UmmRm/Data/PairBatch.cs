using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Data;

/// <summary>
/// Preference pairs as tensors, in one of two layouts with the same scores and gradients. Shared: a pair is one row, the common prefix
/// and then the two branches, each continuing the prefix's positions, and a gap that keeps the second from seeing the first.
/// Separate: a text is a row, 2i chosen and 2i+1 rejected. Either way the scores, read as [n, 2], are chosen and rejected.
/// </summary>
public sealed class PairBatch : IDisposable
{
    private PairBatch(RowTensors rows, IReadOnlyList<EncodedPair> pairs, Device device)
    {
        Pairs = pairs;
        (Ids, Positions, Ends, Weights) = rows.ToTensors(device);
        Gaps = rows.Gaps;
        Lengths = rows.Lengths;
        Tokens = rows.Tokens;
        Margins = pairs.Any(p => p.Margin != 0) ? Vector(pairs.Select(p => p.Margin), device) : null;
        Labels = pairs.Any(p => p.Label != 1) ? Vector(pairs.Select(p => p.Label), device) : null;
    }

    /// <summary>The pairs, in the order of the scores.</summary>
    public IReadOnlyList<EncodedPair> Pairs { get; }

    /// <summary>[b, t] int64 ids; padding holds the pad id.</summary>
    public Tensor Ids { get; }

    /// <summary>[b, t] int64 positions, 0 at padding.</summary>
    public Tensor Positions { get; }

    /// <summary>What each row's rejected branch must not see, its chosen branch; null where plain causal attention is right.</summary>
    public IReadOnlyList<KeyGap>? Gaps { get; }

    /// <summary>[b, n] int64: where each text's last token stands, n = 2 in shared rows, else 1.</summary>
    public Tensor Ends { get; }

    /// <summary>Real tokens of each row; the padding stands on the right.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>[b, t] float32: how many texts each token belongs to: 0 for padding, 2 for a shared prefix, else 1.</summary>
    public Tensor Weights { get; }

    /// <summary>[n] float32 margins, or null when all are 0.</summary>
    public Tensor? Margins { get; }

    /// <summary>[n] float32 soft labels, or null when all are 1.</summary>
    public Tensor? Labels { get; }

    /// <summary>Real tokens computed: a shared prefix counts once, padding never.</summary>
    public long Tokens { get; }

    /// <summary>Lays out pairs.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="padId">The id that fills rows up; it is never attended to by real tokens.</param>
    /// <param name="sharePrefix">true for one row a pair.</param>
    /// <param name="device">Where the tensors live; null is the CPU.</param>
    public static PairBatch Create(IReadOnlyList<EncodedPair> pairs, int padId, bool sharePrefix = true, Device? device = null)
    {
        var rows = sharePrefix ? new RowTensors(pairs.Count, pairs.Max(p => p.RowLength), 2, padId) : new RowTensors(2 * pairs.Count, pairs.Max(p => Math.Max(p.Chosen.Length, p.Rejected.Length)), 1, padId);
        for (var i = 0; i < pairs.Count; i++)
        {
            if (sharePrefix)
            {
                rows.AddPair(i, pairs[i]);
                continue;
            }
            rows.AddText(2 * i, pairs[i].Chosen);
            rows.AddText(2 * i + 1, pairs[i].Rejected);
        }
        return new PairBatch(rows, pairs, device ?? CPU);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor?[])[Ids, Positions, Ends, Weights, Margins, Labels])
            tensor?.Dispose();
    }

    private static Tensor Vector(IEnumerable<double> values, Device device) => tensor(values.Select(v => (float)v).ToArray(), device: device);
}
