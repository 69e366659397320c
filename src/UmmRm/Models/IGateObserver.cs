using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Sees the gates of every mixture layer during a forward pass: for expected gates, expert usage and load balancing.</summary>
public interface IGateObserver
{
    /// <summary>Called once a layer and pass.</summary>
    /// <param name="layer">Index of the decoder layer.</param>
    /// <param name="logits">z: [n, e] routing logits of all tokens of the pass, padding included, rows in the order of a flattened [b, t].</param>
    /// <param name="indices">S: [n, k] int64, the routed experts that each token visits, 0-based among the routed ones.</param>
    /// <param name="probabilities">p: [n, k] softmax over the chosen logits; rows sum to 1.</param>
    void Observe(int layer, Tensor logits, Tensor indices, Tensor probabilities);
}
