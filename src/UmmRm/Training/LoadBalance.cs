using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>
/// The optional load-balancing loss of a mixture (arXiv 1701.06538, used by arXiv 2404.15247): the squared coefficients of variation of the
/// experts' importance (sum of gates) and of their load, averaged over layers. Load is counted as softmax mass over all routed experts, so that
/// it has a gradient. Padding never counts.
/// </summary>
internal sealed class LoadBalance(Tensor weights) : IGateObserver, IDisposable
{
    private readonly List<Tensor> _losses = [];

    /// <inheritdoc/>
    public void Observe(int layer, Tensor logits, Tensor indices, Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        var count = weights.reshape(-1, 1);                                        // [n, 1]
        var importance = zeros([logits.shape[1]], dtype: logits.dtype, device: logits.device).index_add(0, indices.reshape(-1), probabilities.mul(count).reshape(-1), Scalars.Of(1));
        var load = logits.softmax(-1).mul(count).sum(dim: 0);                       // [e]
        _losses.Add(Variation(importance).Plus(Variation(load)).DetachFromDisposeScope());
    }

    /// <summary>The mean over the layers seen, a scalar with a gradient.</summary>
    public Tensor Loss() => stack(_losses).mean();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var loss in _losses)
            loss.Dispose();
    }

    private static Tensor Variation(Tensor x)
    {
        var mean = x.mean();
        return x.var().div(mean.mul(mean).Plus(1e-10));
    }
}
