using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>A norm over the last axis, computed in float32 whatever the input's type is, and returned in the pass's compute type.</summary>
public abstract class Normalization : Component
{
    private protected Normalization(string name, long width, double epsilon, ScalarType type) : base(name)
    {
        Epsilon = epsilon;
        Weight = new Parameter(ones(width, dtype: type, device: ComputeDevice.Current));
        register_parameter("weight", Weight);
    }

    /// <summary>[d] the learned scale.</summary>
    public Parameter Weight { get; }

    private protected double Epsilon { get; }

    /// <summary>The residual stream with its update added, and the norm of that, each [..., d].</summary>
    public abstract (Tensor Sum, Tensor Normal) Forward(Residual x, ForwardContext context);
}

/// <summary>x / sqrt(mean(x^2) + epsilon) * weight (arXiv 1910.07467).</summary>
public sealed class RmsNorm(long width, double epsilon, ScalarType type) : Normalization(nameof(RmsNorm), width, epsilon, type)
{
    /// <inheritdoc/>
    public override (Tensor Sum, Tensor Normal) Forward(Residual x, ForwardContext context) =>
        AddRmsNorm.Forward(x.Stream, x.Update, Weight, Epsilon, context.ComputeType);
}

/// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias (arXiv 1607.06450).</summary>
public sealed class LayerNorm : Normalization
{
    private readonly long _width;

    /// <summary>A norm of scale 1 and shift 0.</summary>
    public LayerNorm(long width, double epsilon, ScalarType type) : base(nameof(LayerNorm), width, epsilon, type)
    {
        _width = width;
        Bias = new Parameter(zeros(width, dtype: type, device: ComputeDevice.Current));
        register_parameter("bias", Bias);
    }

    /// <summary>[d] the learned shift.</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public override (Tensor Sum, Tensor Normal) Forward(Residual x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var sum = x.Sum();
        var wide = sum.to_type(ScalarType.Float32);
        var normal = nn.functional.layer_norm(wide, [_width], Weight.to_type(ScalarType.Float32), Bias.to_type(ScalarType.Float32), Epsilon);
        return scope.MoveToOuter(sum, context.Cast(normal));
    }
}
