using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// Weights in the type that products read, copied once instead of in every pass, for as long as they are taken not to change: see
/// <see cref="Decoder.FixWeights"/>. A copy takes its weight's gradients. They are added to the weight's own, in the weight's type, before the copy is
/// used again and at the end, so that the portions of a step add up as precisely as without copies.
/// </summary>
internal sealed class FixedWeights(Action end) : IDisposable
{
    private readonly Dictionary<Parameter, Tensor> _copies = new(ReferenceEqualityComparer.Instance);

    /// <summary>A weight's copy, which belongs to this; what is no parameter is converted anew.</summary>
    public Tensor Cast(Tensor tensor, ScalarType type)
    {
        if (tensor is not Parameter weight)
            return tensor.to_type(type);
        if (_copies.TryGetValue(weight, out var copy))
            HandOver(copy, weight);
        else
            _copies[weight] = copy = Copy(weight, type);
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        end();
        foreach (var (weight, copy) in _copies)
        {
            HandOver(copy, weight);
            copy.Dispose();
        }
        _copies.Clear();
    }

    private static Tensor Copy(Parameter weight, ScalarType type)
    {
        using var _ = no_grad();
        var copy = weight.to_type(type).DetachFromDisposeScope();
        copy.requires_grad = weight.requires_grad;
        return copy;
    }

    private static void HandOver(Tensor copy, Parameter weight)
    {
        using var gradient = copy.grad;
        if (gradient is null)
            return;
        copy.grad = null;
        using var sum = weight.grad;
        if (sum is not null)
        {
            Addition.InPlace(sum, gradient);
            return;
        }
        using var first = gradient.to_type(weight.dtype);
        weight.grad = first;
    }
}
