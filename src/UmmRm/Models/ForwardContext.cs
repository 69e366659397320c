using TorchSharp;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// What all layers of one forward pass share: rotary angles, who may see whom, the number format of products, the key-value cache
/// and whoever watches the routers. Lives for one pass; its tensors belong to the caller's dispose scope.
/// </summary>
public sealed class ForwardContext
{
    /// <summary>An additive mask's "never": finite, so that no row of a softmax is all minus infinity, and representable in bfloat16.</summary>
    private const float Never = -1e30f;

    private readonly Tensor? _mayAttend;

    private ForwardContext(ScalarType computeType, TokenInput input, (Tensor Cos, Tensor Sin) angles, Tensor? bias)
    {
        ComputeType = computeType;
        Gaps = input.Gaps;
        _mayAttend = input.MayAttend;
        (Cos, Sin) = angles;
        Bias = bias;
    }

    /// <summary>The type that matrix products read.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>[b, t, 1, r/2] float32 cosines of the rotary angles, r rotated components.</summary>
    public Tensor Cos { get; }

    /// <summary>[b, t, 1, r/2] float32 sines of the rotary angles.</summary>
    public Tensor Sin { get; }

    /// <summary>What each row hides from causal attention, or null.</summary>
    public IReadOnlyList<KeyGap>? Gaps { get; }

    /// <summary>
    /// [b or 1, 1, t, s] 0 where a query may look at a key, a large negative number elsewhere; in <see cref="ComputeType"/>. null where
    /// attention is the kernels' (on the CPU, without a mask of the caller's), which go by <see cref="Gaps"/>.
    /// </summary>
    public Tensor? Bias { get; }

    /// <summary>Keys and values of earlier tokens, or null.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Called by every mixture layer with its gates, or null.</summary>
    public IGateObserver? Gates { get; init; }

    /// <summary>Prepares a pass of a model with <paramref name="rotary"/> over <paramref name="input"/>.</summary>
    public static ForwardContext Create(TokenInput input, RotaryEmbedding rotary, Precision precision, KeyValueCache? cache = null, IGateObserver? gates = null)
    {
        using var scope = NewDisposeScope();
        var angles = rotary.Angles(input.Positions);
        Tensor? bias = null;
        if (input.MayAttend is not null || input.Ids.device_type != DeviceType.CPU)
        {
            var (tokens, cached) = (input.Ids.shape[1], cache?.Length ?? 0);
            var places = Scalars.Range(cached, cached + tokens, input.Ids.device).unsqueeze(0);
            bias = BiasOf(input.MayAttend ?? KeyGap.Mask(input.Gaps, places, cached + tokens), precision.ComputeType()).MoveToOuterDisposeScope();
        }
        return new ForwardContext(precision.ComputeType(), input, scope.MoveToOuter(angles.Cos, angles.Sin), bias) { Cache = cache, Gates = gates };
    }

    /// <summary>A parameter as products read it: itself, or a copy in <see cref="ComputeType"/> through which gradients flow.</summary>
    public Tensor Cast(Tensor tensor) => tensor.dtype == ComputeType ? tensor : tensor.to_type(ComputeType);

    /// <summary>What the last layer needs to compute only the places that a head reads.</summary>
    /// <param name="places">[b, n] int64.</param>
    public Readout ReadAt(Tensor places)
    {
        using var scope = NewDisposeScope();
        var tokens = Cos.shape[1];
        var mask = _mayAttend is null ? KeyGap.Mask(Gaps, places, tokens) : _mayAttend.gather(1, places.unsqueeze(-1).expand(-1, -1, tokens)); // [b, n, s]
        var angle = places.unsqueeze(-1).unsqueeze(-1).expand(-1, -1, 1, Cos.shape[3]);
        var (cos, sin, bias) = scope.MoveToOuter(Cos.gather(1, angle), Sin.gather(1, angle), BiasOf(mask, ComputeType));
        return new Readout(places, cos, sin, bias);
    }

    private static Tensor BiasOf(Tensor mayAttend, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return zeros(mayAttend.shape, dtype: type, device: mayAttend.device).masked_fill_(mayAttend.logical_not(), Scalars.Of(Never)).unsqueeze(1).MoveToOuterDisposeScope();
    }
}

/// <summary>The places of each row that a head reads: the last layer needs queries and feed-forward blocks nowhere else.</summary>
/// <param name="Places">[b, n] int64.</param>
/// <param name="Cos">[b, n, 1, r/2] float32.</param>
/// <param name="Sin">[b, n, 1, r/2] float32.</param>
/// <param name="Bias">[b, 1, n, s]: whom the places may see.</param>
public sealed record Readout(Tensor Places, Tensor Cos, Tensor Sin, Tensor Bias)
{
    /// <summary>[b, t, d] -> [b, n, d].</summary>
    public Tensor Pick(Tensor x) => Residual.Pick(x, Places);
}
