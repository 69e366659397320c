using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>The settings of <see cref="AdamW"/>.</summary>
public sealed record AdamWSettings
{
    /// <summary>Peak learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Decay of the first moment, [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, [0, 1).</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled decay of tensors of two dimensions and more; norms and biases never decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The gradient norm is scaled down to this; 0 does not clip.</summary>
    public double Clip { get; init; } = 1;
}

/// <summary>
/// AdamW (arXiv 1711.05101) over named parameters, all of them in one fused update, with gradient-norm clipping. A parameter without a
/// gradient (an expert that no token visited) is left alone, as torch.optim.AdamW does.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly AdamWSettings _settings;
    private readonly List<Slot> _slots;

    /// <summary>An optimiser of the parameters that require gradients.</summary>
    public AdamW(IEnumerable<(string Name, Parameter Parameter)> parameters, AdamWSettings settings)
    {
        _settings = settings;
        _slots = [.. parameters.Where(p => p.Parameter.requires_grad).Select(p => new Slot(p.Name, p.Parameter))];
        if (_slots.Count == 0)
            throw new ArgumentException("no parameter requires a gradient: there is nothing to train");
    }

    /// <summary>The state to save and restore: for each parameter its moments and its number of updates.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        _slots.SelectMany(slot => new[] { ($"{slot.Name}.exp_avg", slot.Mean), ($"{slot.Name}.exp_avg_sq", slot.Square), ($"{slot.Name}.step", slot.Steps) });

    /// <summary>Forgets the gradients of the last update.</summary>
    public void ZeroGradients()
    {
        foreach (var slot in _slots)
            slot.Parameter.grad = null;
    }

    /// <summary>Clips the gradient norm and updates every parameter that has a gradient.</summary>
    /// <param name="factor">The schedule's factor on the learning rate.</param>
    /// <returns>The norm of all gradients before clipping.</returns>
    /// <exception cref="ArithmeticException">The norm is not a finite number; no parameter was changed.</exception>
    public double Step(double factor)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var active = _slots.Where(slot => slot.Parameter.grad is not null).ToList();
        var gradients = active.ConvertAll(slot => slot.Parameter.grad!);
        var norm = FusedOps.GlobalNorm(gradients);
        if (!double.IsFinite(norm))
            throw new ArithmeticException($"the gradient norm is {norm}");
        if (_settings.Clip > 0 && norm > _settings.Clip)
            FusedOps.Scale(gradients, _settings.Clip / (norm + 1e-6));
        foreach (var decays in (bool[])[true, false])
            Update([.. active.Where(slot => slot.Parameter.Dimensions >= 2 == decays)], factor, decays ? _settings.WeightDecay : 0);
        return norm;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    private void Update(List<Slot> slots, double factor, double weightDecay)
    {
        if (slots.Count == 0)
            return;
        FusedOps.AdamW(slots.ConvertAll(s => (Tensor)s.Parameter), slots.ConvertAll(s => s.Parameter.grad!), slots.ConvertAll(s => s.Mean), slots.ConvertAll(s => s.Square),
            slots.ConvertAll(s => s.Steps), _settings.LearningRate * factor, _settings.Beta1, _settings.Beta2, weightDecay, _settings.Epsilon);
    }

    private sealed class Slot : IDisposable
    {
        public Slot(string name, Parameter parameter)
        {
            (Name, Parameter) = (name, parameter);
            Mean = zeros_like(parameter).DetachFromDisposeScope();
            Square = zeros_like(parameter).DetachFromDisposeScope();
            Steps = zeros([], dtype: ScalarType.Float32, device: parameter.device).DetachFromDisposeScope();
        }

        public string Name { get; }

        public Parameter Parameter { get; }

        public Tensor Mean { get; }

        public Tensor Square { get; }

        public Tensor Steps { get; }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
            Steps.Dispose();
        }
    }
}
