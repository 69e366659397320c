using TorchSharp.Modules;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>The upper end of a language model: its last layers, the final norm and the head; or all of it, with the embedding.</summary>
internal sealed class DecoderTop
{
    private readonly CausalLM _model;
    private readonly Parameter? _embedding;
    private readonly IReadOnlyList<DecoderLayer> _layers;
    private readonly Normalization _finalNorm;
    private readonly Parameter _head;

    private DecoderTop(CausalLM model, Parameter? embedding, IReadOnlyList<DecoderLayer> layers, Normalization finalNorm, Parameter head) =>
        (_model, _embedding, _layers, _finalNorm, _head) = (model, embedding, layers, finalNorm, head);

    /// <summary>The end of a model itself.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layers">How many of its last layers; null for the whole model.</param>
    public static DecoderTop Of(CausalLM model, int? layers) =>
        new(model, layers is null ? model.Decoder.Embedding : null, [.. model.Decoder.Layers.TakeLast(layers ?? model.Decoder.Layers.Count)], model.Decoder.FinalNorm, model.Head);

    /// <summary>All parameters.</summary>
    public IEnumerable<Parameter> Parameters => (_embedding is null ? [] : new[] { _embedding }).Concat(_layers.SelectMany(layer => layer.parameters())).Concat(_finalNorm.parameters()).Append(_head);

    /// <summary>A copy whose parameters never change and have no gradients.</summary>
    public DecoderTop Frozen()
    {
        using var _ = no_grad();
        var layers = _layers.Select(layer => Copied(layer, _model.Decoder.NewLayer(layer.Index))).ToArray();
        var head = Copy(_head);
        var embedding = _embedding is null ? null : ReferenceEquals(_head, _embedding) ? head : Copy(_embedding);
        return new DecoderTop(_model, embedding, layers, Copied(_finalNorm, _model.Decoder.NewFinalNorm()), head);
    }

    /// <summary>Hidden states after the final norm at the given places, [n, d] in the compute type.</summary>
    /// <param name="input">The texts.</param>
    /// <param name="context">The pass over them.</param>
    /// <param name="stream">What the layers below left, as the pass lays out its tokens; null for a whole model.</param>
    /// <param name="places">[n] int64 in the flattened layout of the pass.</param>
    public Tensor Hidden(TokenInput input, ForwardContext context, Tensor? stream, Tensor places)
    {
        using var scope = NewDisposeScope();
        var x = new Residual(stream?.alias() ?? Runtime.FusedOps.Embedding(_embedding!, context.Enter(input.Ids)), null);
        var readout = new ManyPlaces(places);
        foreach (var layer in _layers)
            x = layer.Forward(x, context, ReferenceEquals(layer, _layers[^1]) ? readout : null);
        return _finalNorm.Forward(x, context).Normal.squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>[n, d] hidden states -> [n, v] logits, in the compute type.</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var head = _model.Decoder.Cast(_head, hidden.dtype);
        return nn.functional.linear(hidden, head);
    }

    private static Parameter Copy(Parameter parameter) => new(parameter.detach().clone().DetachFromDisposeScope(), requires_grad: false);

    private static T Copied<T>(T from, T to)
        where T : Component
    {
        foreach (var ((_, source), (_, target)) in from.named_parameters().Zip(to.named_parameters()))
        {
            target.copy_(source);
            target.requires_grad = false;
        }
        return to;
    }
}
