using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Scaled dot-product attention with grouped queries, over cached keys too: softmax(q k' / sqrt(hd) + bias) v.</summary>
public static class Attention
{
    /// <summary>Attends and joins the heads.</summary>
    /// <param name="query">[b, t, h, hd], rotated.</param>
    /// <param name="key">[b, t, kv, hd], rotated; kv divides h and query head i reads key head i / (h / kv).</param>
    /// <param name="value">[b, t, kv, hd].</param>
    /// <param name="layer">Index of the decoder layer, for the cache.</param>
    /// <param name="context">The pass, with its mask and cache.</param>
    /// <returns>[b, t, h * hd].</returns>
    public static Tensor Forward(Tensor query, Tensor key, Tensor value, int layer, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var (b, t, h, hd) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        var kv = key.shape[2];
        var keys = key.transpose(1, 2);                                            // [b, kv, t, hd]
        var values = value.transpose(1, 2);
        if (context.Cache is { } cache)
            (keys, values) = cache.Append(layer, keys, values);
        var s = keys.shape[2];
        // The query heads of a group are folded into the query length, so that keys and values are never repeated.
        var queries = (query * (1 / Math.Sqrt(hd))).transpose(1, 2).reshape(b * kv, h / kv * t, hd);
        var scores = queries.bmm(keys.reshape(b * kv, s, hd).transpose(1, 2));     // [b kv, h/kv t, s]
        var weights = (scores.view(b, h, t, s) + context.Bias).softmax(-1);        // [b, h, t, s]
        var mixed = weights.view(b * kv, h / kv * t, s).bmm(values.reshape(b * kv, s, hd));
        return mixed.view(b, h, t, hd).transpose(1, 2).reshape(b, t, h * hd).MoveToOuterDisposeScope();
    }
}
