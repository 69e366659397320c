using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// Weights in the type that products read, copied once instead of in every pass, for as long as they are taken not to change: see
/// <see cref="Decoder.FixWeights"/>. For passes without gradients.
/// </summary>
internal sealed class FixedWeights(Action end) : IDisposable
{
    private readonly Dictionary<Tensor, Tensor> _copies = new(ReferenceEqualityComparer.Instance);

    /// <summary>The copy of a weight; null while gradients are recorded, because they would not flow through it.</summary>
    public Tensor? Cast(Tensor weight, ScalarType type)
    {
        if (is_grad_enabled())
            return null;
        if (!_copies.TryGetValue(weight, out var copy))
            _copies[weight] = copy = weight.to_type(type).DetachFromDisposeScope();
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        end();
        foreach (var copy in _copies.Values)
            copy.Dispose();
        _copies.Clear();
    }
}
