using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>The block after attention: an ordinary feed-forward network, a mixture of them, or their weighted average.</summary>
public abstract class FeedForward : Component
{
    private protected FeedForward(string name) : base(name)
    {
    }

    /// <summary>[..., d] in the compute type -> [..., d] in the compute type.</summary>
    /// <param name="x">The block's input u.</param>
    /// <param name="layer">Index of the decoder layer, for gate observers.</param>
    /// <param name="context">The pass.</param>
    public abstract Tensor Forward(Tensor x, int layer, ForwardContext context);
}

/// <summary>A feed-forward network that is a function of a list of tensors, so that it can be run with its own or with blended ones.</summary>
public abstract class DenseFeedForward : FeedForward
{
    private protected DenseFeedForward(string name) : base(name)
    {
    }

    /// <summary>The parameters in the order that <see cref="Compute"/> wants them; every one of them is upcycled and merged.</summary>
    public abstract IReadOnlyList<Parameter> Tensors { get; }

    /// <summary>The network's function with the given tensors in place of its own.</summary>
    public abstract Tensor Compute(Tensor x, IReadOnlyList<Tensor> tensors, ForwardContext context);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, int layer, ForwardContext context) => Compute(x, Tensors, context);

    /// <summary>A network of the family's kind with uninitialised parameters.</summary>
    public static DenseFeedForward Create(ModelConfig config, ScalarType type) => config.Family switch
    {
        ModelFamily.GptNeoX => new GeluFeedForward(config, type),
        _ => new SwiGluFeedForward(config, type),
    };
}

/// <summary>down(silu(gate x) * up x), arXiv 2002.05202; no biases.</summary>
public sealed class SwiGluFeedForward : DenseFeedForward
{
    /// <summary>A network of the configuration's widths.</summary>
    public SwiGluFeedForward(ModelConfig config, ScalarType type) : base(nameof(SwiGluFeedForward))
    {
        var gate = new Projection(config.HiddenSize, config.IntermediateSize, bias: false, type);
        var up = new Projection(config.HiddenSize, config.IntermediateSize, bias: false, type);
        var down = new Projection(config.IntermediateSize, config.HiddenSize, bias: false, type);
        register_module("gate_proj", gate);
        register_module("up_proj", up);
        register_module("down_proj", down);
        Tensors = [gate.Weight, up.Weight, down.Weight];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Tensors { get; }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor x, IReadOnlyList<Tensor> tensors, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var gate = Projection.Apply(x, tensors[0], null, context);                 // [..., m]
        var up = Projection.Apply(x, tensors[1], null, context);
        return Projection.Apply(SwiGlu.Forward(gate, up), tensors[2], null, context).MoveToOuterDisposeScope();
    }
}

/// <summary>dense_4h_to_h(gelu(dense_h_to_4h x)), both with biases: GPT-NeoX's.</summary>
public sealed class GeluFeedForward : DenseFeedForward
{
    private readonly Activation _activation;

    /// <summary>A network of the configuration's widths and activation.</summary>
    public GeluFeedForward(ModelConfig config, ScalarType type) : base(nameof(GeluFeedForward))
    {
        _activation = config.Activation;
        var widen = new Projection(config.HiddenSize, config.IntermediateSize, bias: true, type);
        var narrow = new Projection(config.IntermediateSize, config.HiddenSize, bias: true, type);
        register_module("dense_h_to_4h", widen);
        register_module("dense_4h_to_h", narrow);
        Tensors = [widen.Weight, widen.Bias!, narrow.Weight, narrow.Bias!];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Tensors { get; }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor x, IReadOnlyList<Tensor> tensors, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var wide = Activate(Projection.Apply(x, tensors[0], tensors[1], context)); // [..., m]
        return Projection.Apply(wide, tensors[2], tensors[3], context).MoveToOuterDisposeScope();
    }

    private Tensor Activate(Tensor x) => _activation switch
    {
        Activation.Gelu => nn.functional.gelu(x),
        Activation.GeluTanh => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
        _ => nn.functional.silu(x),
    };
}
