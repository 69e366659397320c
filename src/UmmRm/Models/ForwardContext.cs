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

    /// <summary>Padding tokens a run of equal rows, below which it is not worth while to leave padding out: attention then takes a product for each run.</summary>
    private const int PaddingOfRun = 16;

    private readonly Tensor? _mayAttend;

    private ForwardContext(ScalarType computeType, TokenInput input, TokenRows rows, (Tensor Cos, Tensor Sin) angles, Tensor? bias)
    {
        ComputeType = computeType;
        Gaps = input.Gaps;
        Rows = rows;
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

    /// <summary>
    /// The only routed expert (0-based among the routed ones) that mixture layers use, merged with the shared one; null for the mixture itself.
    /// </summary>
    public int? Expert { get; init; }

    /// <summary>How the tokens make up rows.</summary>
    internal TokenRows Rows { get; }

    /// <summary>Copies of weights that do not change, or null.</summary>
    internal FixedWeights? Weights { get; init; }

    /// <summary>Prepares a pass of a model with <paramref name="rotary"/> over <paramref name="input"/>.</summary>
    internal static ForwardContext Create(TokenInput input, RotaryEmbedding rotary, Precision precision, KeyValueCache? cache = null, IGateObserver? gates = null, FixedWeights? weights = null, int? expert = null)
    {
        using var scope = NewDisposeScope();
        var (b, t) = (input.Ids.shape[0], input.Ids.shape[1]);
        var byKernels = input.MayAttend is null && input.Ids.device_type == DeviceType.CPU && Simd.Enabled;
        var rows = TokenRows.Full((int)b, (int)t);
        if (byKernels && input.Lengths is not null && cache is null && gates is null)
        {
            var real = new TokenRows(input.Lengths, (int)t);
            if (real.Padding >= PaddingOfRun * real.Runs.Count())
                rows = real;
        }
        var padded = rows.Tokens == b * t;
        var angles = rotary.Angles(padded ? input.Positions : WithoutPadding(input.Positions, rows));
        Tensor? bias = null;
        if (!byKernels)
        {
            var cached = cache?.Length ?? 0;
            var places = Scalars.Range(cached, cached + t, input.Ids.device).unsqueeze(0);
            bias = BiasOf(input.MayAttend ?? KeyGap.Mask(input.Gaps, places, cached + t), precision.ComputeType()).MoveToOuterDisposeScope();
        }
        return new ForwardContext(precision.ComputeType(), input, rows, scope.MoveToOuter(angles.Cos, angles.Sin), bias) { Cache = cache, Gates = gates, Weights = weights, Expert = expert, PaddedShape = padded ? null : [b, t] };
    }

    /// <summary>[b, t] of the input when the pass runs over its real tokens alone, [1, tokens]; else null.</summary>
    internal long[]? PaddedShape { get; private init; }

    /// <summary>[b, t] -> the real tokens, [1, tokens], where the pass leaves padding out.</summary>
    internal Tensor Enter(Tensor ids) => PaddedShape is null ? ids.alias() : WithoutPadding(ids, Rows);

    /// <summary>What <see cref="Enter"/> took apart as it was: [1, tokens, d] -> [b, t, d], 0 at padding; [1, b * n, d] of places -> [b, n, d].</summary>
    internal Tensor Leave(Tensor x, bool places)
    {
        if (PaddedShape is not { } shape)
            return x.alias();
        using var scope = NewDisposeScope();
        var d = x.shape[2];
        if (places)
            return x.view(shape[0], -1, d).MoveToOuterDisposeScope();
        return zeros([shape[0] * shape[1], d], dtype: x.dtype).index_copy(0, Rows.PaddedPlaces(), x.view(-1, d)).view(shape[0], shape[1], d).MoveToOuterDisposeScope();
    }

    /// <summary>A tensor as products read it: itself, or a copy in <see cref="ComputeType"/> through which gradients reach it; the copy of a parameter may be shared (<see cref="Decoder.FixWeights"/>) and is not for the caller to dispose.</summary>
    public Tensor Cast(Tensor tensor) => tensor.dtype == ComputeType ? tensor : Weights?.Cast(tensor, ComputeType) ?? tensor.to_type(ComputeType);

    /// <summary>What the last layer needs to compute only the places that a head reads.</summary>
    /// <param name="places">[b, n] int64.</param>
    public FewPlaces ReadAt(Tensor places)
    {
        using var scope = NewDisposeScope();
        var tokens = Cos.shape[1];
        places = PaddedShape is null ? places.alias() : Rows.Flat(places);
        var mask = PaddedShape is not null ? Rows.Mask(places, Gaps)
            : _mayAttend is null ? KeyGap.Mask(Gaps, places, tokens)
            : _mayAttend.gather(1, places.unsqueeze(-1).expand(-1, -1, tokens));   // [b, n, s]
        var angle = places.unsqueeze(-1).unsqueeze(-1).expand(-1, -1, 1, Cos.shape[3]);
        var (cos, sin, bias) = scope.MoveToOuter(Cos.gather(1, angle), Sin.gather(1, angle), BiasOf(mask, ComputeType));
        return new FewPlaces(places.MoveToOuterDisposeScope(), cos, sin, bias);
    }

    /// <summary>[tokens] int64: the real tokens' places in the flattened layout of this pass, row after row.</summary>
    internal Tensor RealPlaces(TokenInput input) => Places(input, _ => 0, length => length);

    /// <summary>[n] int64: in that layout, the places that predict each row's response, from the token before its first to the one before the row's last.</summary>
    internal Tensor PredictingPlaces(TokenInput input, IReadOnlyList<int> responseStarts) => Places(input, row => responseStarts[row] - 1, length => length - 1);

    /// <summary>Rows that lie one after the other in a store [tokens, d], as this pass lays out its tokens: [b, t, d] (anything at padding) or [1, tokens, d].</summary>
    /// <param name="store">The store.</param>
    /// <param name="starts">Where each row of this pass begins in it.</param>
    internal Tensor Gather(Tensor store, IReadOnlyList<int> starts)
    {
        using var scope = NewDisposeScope();
        var last = store.shape[0] - 1;
        var at = new long[Rows.Tokens];
        for (var row = 0; row < Rows.Rows; row++)
        {
            for (var i = 0; i < Rows.Length(row); i++)
                at[Rows.Start(row) + i] = Math.Min(starts[row] + i, last);
        }
        var picked = store.index_select(0, tensor(at, device: store.device));
        return (PaddedShape is null ? picked.view(Rows.Rows, -1, picked.shape[1]) : picked.unsqueeze(0)).MoveToOuterDisposeScope();
    }

    private Tensor Places(TokenInput input, Func<int, int> from, Func<int, int> to)
    {
        var places = new List<long>(Rows.Tokens);
        for (var row = 0; row < Rows.Rows; row++)
        {
            for (var i = from(row); i < to(input.Lengths![row]); i++)
                places.Add(Rows.Start(row) + i);
        }
        return tensor(places, device: input.Ids.device);
    }

    private static Tensor WithoutPadding(Tensor values, TokenRows rows)
    {
        using var scope = NewDisposeScope();
        return values.reshape(-1).index_select(0, rows.PaddedPlaces()).unsqueeze(0).MoveToOuterDisposeScope();
    }

    private static Tensor BiasOf(Tensor mayAttend, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return zeros(mayAttend.shape, dtype: type, device: mayAttend.device).masked_fill_(mayAttend.logical_not(), Scalars.Of(Never)).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
