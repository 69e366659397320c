using TorchSharp;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// What all layers of one forward pass share: rotary angles, the attention mask, the number format of products, the key-value cache
/// and whoever watches the routers. Lives for one pass; its tensors belong to the caller's dispose scope.
/// </summary>
public sealed class ForwardContext
{
    /// <summary>An additive mask's "never": finite, so that no row of a softmax is all minus infinity, and representable in bfloat16.</summary>
    private const float Never = -1e30f;

    private ForwardContext(ScalarType computeType, Tensor cos, Tensor sin, Tensor bias)
    {
        ComputeType = computeType;
        Cos = cos;
        Sin = sin;
        Bias = bias;
    }

    /// <summary>The type that matrix products read.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>[b, t, 1, r/2] cosines of the rotary angles, r rotated components.</summary>
    public Tensor Cos { get; }

    /// <summary>[b, t, 1, r/2] sines of the rotary angles.</summary>
    public Tensor Sin { get; }

    /// <summary>[b or 1, 1, t, s] 0 where a query may look at a key, a large negative number elsewhere; in <see cref="ComputeType"/>.</summary>
    public Tensor Bias { get; }

    /// <summary>Keys and values of earlier tokens, or null.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Called by every mixture layer with its gates, or null.</summary>
    public IGateObserver? Gates { get; init; }

    /// <summary>Prepares a pass of a model with <paramref name="rotary"/> over <paramref name="input"/>.</summary>
    public static ForwardContext Create(TokenInput input, RotaryEmbedding rotary, Precision precision, KeyValueCache? cache = null, IGateObserver? gates = null)
    {
        using var scope = NewDisposeScope();
        var type = precision.ComputeType();
        var (cos, sin) = rotary.Angles(input.Positions);
        var bias = input.MayAttend is { } allowed
            ? zeros(allowed.shape, dtype: type, device: allowed.device).masked_fill_(allowed.logical_not(), Never).unsqueeze(1)
            : CausalBias(input.Ids.shape[1], cache?.Length ?? 0, type, input.Ids.device);
        return new ForwardContext(type, cos.MoveToOuterDisposeScope(), sin.MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope()) { Cache = cache, Gates = gates };
    }

    /// <summary>A parameter as products read it: itself, or a copy in <see cref="ComputeType"/> through which gradients flow.</summary>
    public Tensor Cast(Tensor tensor) => tensor.dtype == ComputeType ? tensor : tensor.to_type(ComputeType);

    private static Tensor CausalBias(long tokens, long cached, ScalarType type, Device device)
    {
        using var full = torch.full([tokens, cached + tokens], Never, dtype: type, device: device);
        return full.triu(cached + 1).unsqueeze(0).unsqueeze(0); // [1, 1, t, s]
    }
}
