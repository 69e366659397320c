using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Rotary scaled dot-product attention with grouped queries, over cached keys too: softmax(R(q) R(k)' / sqrt(hd) + bias) v.</summary>
public static class Attention
{
    /// <summary>New tokens up to which reading the cache in place beats products that copy it.</summary>
    private const int FewTokens = 4;

    /// <summary>Turns, attends and joins the heads.</summary>
    /// <param name="query">[b, t, h * hd]; with a readout [b, n, h * hd], for its places only. Without padding, b is 1 and t all tokens.</param>
    /// <param name="key">[b, t, g * hd]; g divides h and query head i reads key head i / (h / g).</param>
    /// <param name="value">[b, t, g * hd].</param>
    /// <param name="headWidth">hd.</param>
    /// <param name="layer">Index of the decoder layer, for the cache.</param>
    /// <param name="context">The pass, with its angles, mask and cache.</param>
    /// <param name="readout">The places that ask, or null for all.</param>
    /// <returns>The shape of the query.</returns>
    public static Tensor Forward(Tensor query, Tensor key, Tensor value, int headWidth, int layer, ForwardContext context, Readout? readout = null)
    {
        var few = readout as FewPlaces;
        if (context.Bias is not null || few is not null)
            return Plain(query, key, value, headWidth, layer, context, few);
        return context.Cache is null
            ? CausalAttention.Forward(query, key, value, context.Cos, context.Sin, headWidth, context.Rows, context.Gaps)
            : Cached(query, key, value, headWidth, layer, context, context.Cache);
    }

    /// <summary>New tokens against all cached ones, by the kernels; without gradients.</summary>
    private static Tensor Cached(Tensor query, Tensor key, Tensor value, int headWidth, int layer, ForwardContext context, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var (b, t, h, g) = ((int)query.shape[0], (int)query.shape[1], (int)query.shape[2] / headWidth, (int)key.shape[2] / headWidth);
        var queries = new HeadLayout(context.Rows, h, g, headWidth);
        var fresh = queries with { Heads = g };
        var (keys, values) = cache.Write(layer, fresh.Pack(key, context.Cos, context.Sin).view(b, g, t, headWidth), fresh.Pack(value, null, null).view(b, g, t, headWidth));
        var turned = queries.Pack(query, context.Cos, context.Sin, (float)(1 / Math.Sqrt(headWidth))).view(b * g, t * h / g, headWidth);
        if (t <= FewTokens)
            return queries.Unpack(CachedAttention.Forward(turned, keys, values, h / g, (int)cache.Length, context.Gaps), query.shape, null, null).MoveToOuterDisposeScope();
        var s = cache.Length + t;
        var weights = turned.bmm(keys.narrow(2, 0, s).reshape(b * g, s, headWidth).transpose(1, 2)); // [b g, h/g t, s]
        new GapSoftmax(context.Gaps, 0, g, h / g).Forward(weights, (int)cache.Length);
        return queries.Unpack(weights.bmm(values.narrow(2, 0, s).reshape(b * g, s, headWidth)), query.shape, null, null).MoveToOuterDisposeScope();
    }

    private static Tensor Plain(Tensor query, Tensor key, Tensor value, int headWidth, int layer, ForwardContext context, FewPlaces? readout)
    {
        using var scope = NewDisposeScope();
        var (b, n, h, g) = (query.shape[0], query.shape[1], query.shape[2] / headWidth, key.shape[2] / headWidth);
        var t = key.shape[1];
        var queries = RotaryEmbedding.Rotate(query.view(b, n, h, headWidth), context.Cast(readout?.Cos ?? context.Cos), context.Cast(readout?.Sin ?? context.Sin));
        var keys = RotaryEmbedding.Rotate(key.view(b, t, g, headWidth), context.Cast(context.Cos), context.Cast(context.Sin)).transpose(1, 2); // [b, g, t, hd]
        var values = value.view(b, t, g, headWidth).transpose(1, 2);
        if (context.Cache is { } cache)
            (keys, values) = cache.Append(layer, keys, values);
        var s = keys.shape[2];
        // The query heads of a group are folded into the query length, so that keys and values are never repeated.
        queries = queries.Times(1 / Math.Sqrt(headWidth)).transpose(1, 2).reshape(b * g, h / g * n, headWidth);
        var scores = queries.bmm(keys.reshape(b * g, s, headWidth).transpose(1, 2)); // [b g, h/g n, s]
        var weights = scores.view(b, h, n, s).Plus(readout?.Bias ?? context.Bias!).softmax(-1);
        var mixed = weights.view(b * g, h / g * n, s).bmm(values.reshape(b * g, s, headWidth));
        return mixed.view(b, h, n, headWidth).transpose(1, 2).reshape(b, n, h * headWidth).MoveToOuterDisposeScope();
    }
}
