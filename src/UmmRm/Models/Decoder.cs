using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>One layer of a decoder: attention and a feed-forward block on a residual stream.</summary>
public abstract class DecoderLayer : Component
{
    private protected DecoderLayer(string name, int index) : base(name) => Index = index;

    /// <summary>0-based position among the layers.</summary>
    public int Index { get; }

    /// <summary>The feed-forward block: dense, a mixture, or a blend.</summary>
    public FeedForward FeedForward { get; private protected set; } = null!;

    /// <summary>The stream after this layer: [b, t, d], or [b, n, d] at the places of a readout.</summary>
    /// <param name="x">[b, t, d] the stream before it.</param>
    /// <param name="context">The pass.</param>
    /// <param name="readout">The only places that are wanted, or null for all.</param>
    public abstract Residual Forward(Residual x, ForwardContext context, Readout? readout = null);

    /// <summary>Runs this block instead of the present one from now on; the block is not registered, so that the parameters' names stay.</summary>
    internal void Substitute(FeedForward block) => FeedForward = block;
}

/// <summary>
/// The trunk of a model: embedding, decoder layers and a final norm, without a head. Its parameters carry the checkpoint's own names.
/// </summary>
public abstract class Decoder : Component
{
    private readonly RotaryEmbedding _rotary;
    private readonly ThreadLocal<FixedWeights?> _weights = new();

    private protected Decoder(string name, ModelConfig config) : base(name)
    {
        config.Validate();
        Config = config;
        _rotary = new RotaryEmbedding(config);
    }

    /// <summary>The architecture.</summary>
    public ModelConfig Config { get; }

    /// <summary>The layers in order.</summary>
    public IReadOnlyList<DecoderLayer> Layers { get; private protected set; } = [];

    /// <summary>[v, d] the embedding matrix.</summary>
    public Parameter Embedding { get; private protected set; } = null!;

    /// <summary>The norm after the last layer.</summary>
    public Normalization FinalNorm { get; private protected set; } = null!;

    /// <summary>What checkpoints call the trunk: <c>model</c> or <c>gpt_neox</c>.</summary>
    public abstract string Prefix { get; }

    /// <summary>A trunk of the configuration's family with uninitialised parameters.</summary>
    public static Decoder Create(ModelConfig config, Precision precision = Precision.Float32) => config.Family switch
    {
        ModelFamily.GptNeoX => new GptNeoXDecoder(config, precision.ParameterType()),
        _ => new LlamaDecoder(config, precision.ParameterType()),
    };

    /// <summary>Prepares a pass over <paramref name="input"/>.</summary>
    public ForwardContext Begin(TokenInput input, Precision precision, KeyValueCache? cache = null, IGateObserver? gates = null, int? expert = null) =>
        ForwardContext.Create(input, _rotary, precision, cache, gates, _weights.Value, expert);

    /// <summary>
    /// Until the result is disposed, the weights are taken not to change: in mixed precision this thread's passes then copy each weight once instead of once a pass.
    /// For sampling, for scoring, and for the portions of a step, whose backward passes must be over, and whose gradients are the weights' own, when the result is disposed. Within another one it does nothing.
    /// </summary>
    public IDisposable? FixWeights() => _weights.Value is null ? _weights.Value = new FixedWeights(() => _weights.Value = null) : null;

    /// <summary>A weight in the given type: the copy that is fixed, or one of its own.</summary>
    internal Tensor Cast(Tensor weight, ScalarType type) => weight.dtype == type ? weight.alias() : _weights.Value?.Cast(weight, type).alias() ?? weight.to_type(type);

    /// <summary>[b, t] ids -> [b, t, d] embeddings, the residual stream's start.</summary>
    public Tensor Embed(Tensor ids) => FusedOps.Embedding(Embedding, ids);

    /// <summary>A layer of the trunk's kind with uninitialised parameters that are not the trunk's.</summary>
    internal abstract DecoderLayer NewLayer(int index);

    /// <summary>A final norm likewise.</summary>
    internal abstract Normalization NewFinalNorm();

    /// <summary>The residual stream before layer <paramref name="count"/>, as the pass lays out its tokens.</summary>
    internal Tensor Lower(TokenInput input, ForwardContext context, int count)
    {
        using var scope = NewDisposeScope();
        var x = new Residual(Embed(context.Enter(input.Ids)), null);
        foreach (var layer in Layers.Take(count))
            x = layer.Forward(x, context);
        return x.Sum().MoveToOuterDisposeScope();
    }

    /// <summary>The residual stream after the last layer, before the final norm: [b, t, d], or [b, n, d] at the given places.</summary>
    /// <param name="input">The sequences.</param>
    /// <param name="context">The pass over them.</param>
    /// <param name="places">[b, n] int64 the only places (axis t) that are wanted, or null for all; the last layer leaves out what they do not need, unless somebody watches its gates.</param>
    public Residual Forward(TokenInput input, ForwardContext context, Tensor? places = null)
    {
        using var scope = NewDisposeScope();
        var readout = places is null || context.Gates is not null || context.Cache is not null ? null : context.ReadAt(places);
        var x = new Residual(Embed(context.Enter(input.Ids)), null);
        foreach (var layer in Layers)
            x = layer.Forward(x, context, layer.Index == Layers.Count - 1 ? readout : null);
        context.Cache?.Advance(input.Ids.shape[1]);
        x = new Residual(context.Leave(x.Stream, readout is not null), x.Update is null ? null : context.Leave(x.Update, readout is not null));
        return (places is null || readout is not null ? x : x.At(places)).MoveToOuterDisposeScope();
    }

    /// <summary>Every layer's input and the final norm's output, each [b, t, d]: transformers' <c>hidden_states</c>.</summary>
    public IReadOnlyList<Tensor> HiddenStates(TokenInput input, ForwardContext context)
    {
        var states = new List<Tensor>();
        var x = new Residual(Embed(context.Enter(input.Ids)), null);
        foreach (var layer in Layers)
        {
            states.Add(context.Leave(x.Sum(), places: false));
            x = layer.Forward(x, context);
        }
        states.Add(context.Leave(FinalNorm.Forward(x, context).Normal, places: false));
        return states;
    }
}
