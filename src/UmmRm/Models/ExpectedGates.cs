using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// METHOD 4's expected gates: the mean of each routed expert's probability p over the calibration tokens, one vector a layer.
/// Set <see cref="Weights"/> before each pass; padding has weight 0 and never counts.
/// </summary>
public sealed class ExpectedGates : IGateObserver
{
    private readonly double[][] _sums; // [layers][e]
    private readonly double[] _counts; // [layers]

    /// <summary>Nothing seen yet.</summary>
    public ExpectedGates(ModelConfig config)
    {
        var routed = config.Moe?.RoutedExperts ?? throw new ArgumentException("expected gates are a mixture's; this model is dense");
        _sums = [.. Enumerable.Range(0, config.NumLayers).Select(_ => new double[routed])];
        _counts = new double[config.NumLayers];
    }

    /// <summary>[b, t] how often each token of the coming pass counts: 0 for padding, 2 for a prefix that two texts share, else 1.</summary>
    public Tensor? Weights { get; set; }

    /// <inheritdoc/>
    public void Observe(int layer, Tensor logits, Tensor indices, Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = (Weights ?? throw new InvalidOperationException("set Weights before each pass")).reshape(-1, 1).to_type(ScalarType.Float64); // [n, 1]
        var shares = zeros([_sums[layer].Length], dtype: ScalarType.Float64, device: logits.device)
            .index_add_(0, indices.reshape(-1), (probabilities.to_type(ScalarType.Float64) * weights).reshape(-1), Scalars.Of(1));
        var seen = shares.cpu().data<double>().ToArray();
        for (var expert = 0; expert < seen.Length; expert++)
            _sums[layer][expert] += seen[expert];
        _counts[layer] += weights.sum().item<double>();
    }

    /// <summary>beta, one vector a layer; each sums to 1.</summary>
    /// <exception cref="InvalidOperationException">No real token was seen.</exception>
    public IReadOnlyList<double[]> PerLayer() =>
        [.. _sums.Zip(_counts, (sums, count) => count > 0 ? sums.Select(sum => sum / count).ToArray() : throw new InvalidOperationException("expected gates need at least one calibration token"))];
}
