using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>An affine map y = x W' + b, computed in the pass's number format. Parameters: <c>weight</c> [out, in] and perhaps <c>bias</c> [out].</summary>
public sealed class Projection : Component
{
    /// <summary>A projection with uninitialised parameters.</summary>
    public Projection(long inputs, long outputs, bool bias, ScalarType type) : base(nameof(Projection))
    {
        Weight = new Parameter(empty(outputs, inputs, dtype: type, device: ComputeDevice.Current));
        register_parameter("weight", Weight);
        if (!bias)
            return;
        Bias = new Parameter(empty(outputs, dtype: type, device: ComputeDevice.Current));
        register_parameter("bias", Bias);
    }

    /// <summary>W: [out, in].</summary>
    public Parameter Weight { get; }

    /// <summary>b: [out], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>[..., in] in the compute type -> [..., out] in the compute type.</summary>
    public Tensor Forward(Tensor x, ForwardContext context) => Apply(x, Weight, Bias, context);

    /// <summary>The same with tensors from elsewhere.</summary>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor? bias, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(x, context.Cast(weight), bias is null ? null : context.Cast(bias)).MoveToOuterDisposeScope();
    }
}
