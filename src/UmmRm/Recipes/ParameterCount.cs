using UmmRm.Models;

namespace UmmRm.Recipes;

/// <summary>How many parameters an architecture has, in closed form. Symbols: v vocabulary, d hidden, m FFN width, h and kv heads, hd head width, e experts, L layers.</summary>
/// <param name="Embedding">v d.</param>
/// <param name="AttentionPerLayer">Projections, their biases and the layer's two norms.</param>
/// <param name="FeedForwardPerLayer">One feed-forward block: 3 d m for SwiGLU; 2 d m + m + d for GPT-NeoX.</param>
/// <param name="RouterPerLayer">(e - 1) d for a mixture, else 0.</param>
/// <param name="Experts">Feed-forward blocks of a layer: e for a mixture, else 1.</param>
/// <param name="Layers">L.</param>
/// <param name="FinalNorm">d, or 2 d for GPT-NeoX, whose norms have biases.</param>
/// <param name="Head">v d for an untied language model, 0 for a tied one, d for a reward model.</param>
public sealed record ParameterCount(long Embedding, long AttentionPerLayer, long FeedForwardPerLayer, long RouterPerLayer, int Experts, int Layers, long FinalNorm, long Head)
{
    /// <summary>All of one layer.</summary>
    public long PerLayer => AttentionPerLayer + RouterPerLayer + (Experts * FeedForwardPerLayer);

    /// <summary>All of the model.</summary>
    public long Total => Embedding + (Layers * PerLayer) + FinalNorm + Head;

    /// <summary>Counts a model's parameters.</summary>
    /// <param name="config">The architecture; a mixture is counted as one.</param>
    /// <param name="rewardHead">A scalar head instead of the language model's.</param>
    public static ParameterCount Of(ModelConfig config, bool rewardHead)
    {
        long d = config.HiddenSize, m = config.IntermediateSize, v = config.VocabSize;
        long query = (long)config.NumHeads * config.HeadDim, keyValue = (long)config.NumKeyValueHeads * config.HeadDim;
        var isNeoX = config.Family == ModelFamily.GptNeoX;
        var norm = isNeoX ? 2 * d : d; // LayerNorm has a bias, RMSNorm has none
        var attention = (d * (query + (2 * keyValue))) + (query * d)
            + (config.QueryKeyValueBias ? query + (2 * keyValue) : 0) + (config.AttentionOutputBias ? d : 0);
        return new ParameterCount(
            Embedding: v * d,
            AttentionPerLayer: attention + (2 * norm),
            FeedForwardPerLayer: isNeoX ? (2 * d * m) + m + d : 3 * d * m,
            RouterPerLayer: (config.Moe?.RoutedExperts ?? 0) * d,
            Experts: config.Moe?.NumExperts ?? 1,
            Layers: config.NumLayers,
            FinalNorm: norm,
            Head: rewardHead ? d : config.TieWordEmbeddings ? 0 : v * d);
    }
}
