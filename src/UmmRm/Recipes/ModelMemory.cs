using UmmRm.Models;
using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>A model as far as its memory goes.</summary>
/// <param name="Config">Its architecture.</param>
/// <param name="RewardHead">Whether it has a scalar head.</param>
/// <param name="StoredBytes">Bytes of one stored value: 4 or 2.</param>
public sealed record ModelMemory(ModelConfig Config, bool RewardHead, int StoredBytes)
{
    /// <summary>Its parameters.</summary>
    public ParameterCount Parameters => ParameterCount.Of(Config, RewardHead);

    /// <summary>
    /// Full fine-tuning with AdamW. Per parameter: float32 has 4 bytes of weights, 4 of gradients and 8 of moments; mixed the same and 2 of bfloat16 copies; bfloat16
    /// has half of float32. Activations as in <see cref="Activations"/>, kept for every layer, and four times more for what one
    /// layer's backward pass has in hand. Measured with 6 layers, d 256 and 8,192 tokens (peak of the process, dense and k = 4, each precision, t 512 and 2,048): -2 % to +36 %.
    /// </summary>
    public IEnumerable<MemoryTerm> Training(Precision precision, long tokens, long length)
    {
        var n = Parameters.Total;
        long bytes = precision == Precision.BFloat16 ? 2 : 4;
        yield return new MemoryTerm("weights", bytes * n);
        if (precision == Precision.Mixed)
            yield return new MemoryTerm("bfloat16 copies", 2 * n);
        yield return new MemoryTerm("gradients", bytes * n);
        yield return new MemoryTerm("Adam moments", 2 * bytes * n);
        yield return new MemoryTerm("activations", ForBackward(Config.NumLayers, precision, tokens, length, n));
    }

    /// <summary>
    /// PPO: the policy's weights; for what trains (the last layers and the head, or everything) a frozen copy, gradients and two moments; the activations of a minibatch's pass through
    /// what trains; and the frozen trunk's output of all rollouts, at most <paramref name="length"/> tokens each.
    /// </summary>
    /// <param name="precision">Number format.</param>
    /// <param name="tokens">Tokens of one pass, padding included.</param>
    /// <param name="length">Tokens of the longest text.</param>
    /// <param name="trainableLayers">How many of the last layers train; null for the whole model.</param>
    /// <param name="rollouts">Responses of an iteration.</param>
    public IEnumerable<MemoryTerm> PolicyOptimization(Precision precision, long tokens, long length, int? trainableLayers, int rollouts)
    {
        long bytes = precision == Precision.BFloat16 ? 2 : 4;
        var layers = Math.Min(trainableLayers ?? Config.NumLayers, Config.NumLayers);
        var head = (long)Config.VocabSize * Config.HiddenSize;
        var trained = trainableLayers is null ? Parameters.Total : (layers * Parameters.PerLayer) + head;
        yield return new MemoryTerm("weights", bytes * (Parameters.Total + (trainableLayers is not null && Config.TieWordEmbeddings ? head : 0)));
        if (precision == Precision.Mixed)
            yield return new MemoryTerm("bfloat16 copies", 2 * (Parameters.Total + trained));
        yield return new MemoryTerm("reference", bytes * trained);
        yield return new MemoryTerm("gradients", bytes * trained);
        yield return new MemoryTerm("Adam moments", 2 * bytes * trained);
        if (trainableLayers is not null)
            yield return new MemoryTerm("frozen trunk's output", bytes * rollouts * length * Config.HiddenSize);
        yield return new MemoryTerm("activations", ForBackward(layers, precision, tokens, length, trained));
    }

    /// <summary>Forward passes without gradients: the weights, the activations of one layer, and a language model's logits.</summary>
    public IEnumerable<MemoryTerm> Scoring(Precision precision, long tokens, long length)
    {
        var bytes = precision switch
        {
            Precision.BFloat16 => 2L,
            Precision.Mixed => 6L,
            _ => 4L,
        };
        yield return new MemoryTerm("weights", bytes * Parameters.Total);
        yield return new MemoryTerm("activations", Activations(precision, tokens, length) + Logits(tokens));
    }

    /// <summary>What a pass through layers that train holds at most: their activations, or, by its end, the bfloat16 gradients of mixed precision's copies in their place.</summary>
    private long ForBackward(int layers, Precision precision, long tokens, long length, long trained) =>
        Math.Max(((layers + 4) * Activations(precision, tokens, length)) + Logits(tokens), precision == Precision.Mixed ? 2 * trained : 0);

    /// <summary>
    /// What one layer keeps for its backward pass, in bytes. Per token, with c bytes in the products' type: the residual stream and the norms' outputs, 4 d in float32
    /// (4 bytes); queries, keys and values before and after rotation, 2 (h + 2 kv) hd c; attention weights over t positions, h t c; the mixed values and the output
    /// projection, (h hd + d) c; and the feed-forward block, (4 m + d) c for SwiGLU, (2 m + d) c for GELU, in a mixture (1 + k) times, each with its gathered input d c.
    /// </summary>
    /// <param name="precision">Number format.</param>
    /// <param name="tokens">Tokens of one pass, padding included.</param>
    /// <param name="length">t, positions of the longest row.</param>
    public long Activations(Precision precision, long tokens, long length)
    {
        long d = Config.HiddenSize, m = Config.IntermediateSize, c = precision == Precision.Float32 ? 4 : 2;
        long query = (long)Config.NumHeads * Config.HeadDim, keyValue = (long)Config.NumKeyValueHeads * Config.HeadDim;
        var attention = (2 * (query + (2 * keyValue))) + (Config.NumHeads * Math.Min(length, tokens)) + query + d;
        var feedForward = ((Config.Family == ModelFamily.GptNeoX ? 2 : 4) * m) + d;
        var visited = Config.Moe is { } moe ? (1 + moe.TopK) * (feedForward + d) : feedForward;
        return tokens * ((16 * d) + (c * (attention + visited)));
    }

    /// <summary>A language model's float32 logits, their softmax and their gradient, 12 v bytes a token, for at most 16 million logits at a time; 0 with a scalar head.</summary>
    private long Logits(long tokens) => RewardHead ? 0 : 12 * Math.Min(tokens * Config.VocabSize, 16L << 20);
}
