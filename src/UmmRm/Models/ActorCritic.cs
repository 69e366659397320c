using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Texts whose ends a policy wrote, for one pass.</summary>
/// <param name="Input">The texts, padded on the right; <see cref="TokenInput.Lengths"/> is needed.</param>
/// <param name="ResponseStarts">Index of each row's first response token, at least 1.</param>
public sealed record ResponseInput(TokenInput Input, IReadOnlyList<int> ResponseStarts)
{
    /// <summary>[tokens, d] what <see cref="ActorCritic.Trunk"/> made of these rows and perhaps of others; null where the policy has no frozen trunk.</summary>
    public Tensor? Trunk { get; init; }

    /// <summary>Where each row begins in <see cref="Trunk"/>.</summary>
    public IReadOnlyList<int>? TrunkStarts { get; init; }
}

/// <summary>
/// A policy, its value head and its reference (METHOD 7). They share a trunk that does not train: its output is computed once for a text and serves
/// all three for as long as the text is used. Above it the policy's last layers, final norm and head train, and frozen copies of those, taken
/// here, are the reference. Or everything trains; then there is no shared trunk and the reference is a copy of the whole model.
/// </summary>
public sealed class ActorCritic : Component
{
    private readonly DecoderTop _top;
    private readonly DecoderTop _reference;
    private readonly ValueHead _value;
    private readonly int _frozenLayers;

    /// <summary>Takes a policy as it is now for policy and reference; parameters that do not train lose their gradients.</summary>
    /// <param name="policy">The policy, changed in place by training.</param>
    /// <param name="trainableLayers">How many of its last layers train, 1 .. all of them, besides final norm and head; null for the whole model.</param>
    /// <param name="valueHeadSeed">Fixes the value head's initial weights.</param>
    /// <exception cref="ArgumentException">There are fewer layers, or the head is tied to an embedding that does not train.</exception>
    public ActorCritic(CausalLM policy, int? trainableLayers, long valueHeadSeed) : base(nameof(ActorCritic))
    {
        var config = policy.Decoder.Config;
        if (trainableLayers < 1 || trainableLayers > config.NumLayers)
            throw new ArgumentException($"trainable_layers is {trainableLayers}; the policy has {config.NumLayers} layers: 1..{config.NumLayers}, or all");
        if (trainableLayers is not null && config.TieWordEmbeddings)
            throw new ArgumentException("the policy's head is tied to its embedding, which does not train with it; untie it first (CausalLM.Untied), or train all layers");
        Policy = policy;
        _top = DecoderTop.Of(policy, trainableLayers);
        _reference = _top.Frozen();
        _frozenLayers = config.NumLayers - (trainableLayers ?? config.NumLayers);
        HasTrunk = trainableLayers is not null;
        foreach (var parameter in policy.parameters())
            parameter.requires_grad = false;
        foreach (var parameter in _top.Parameters)
            parameter.requires_grad = true;
        _value = new ValueHead(config.HiddenSize, policy.Precision, valueHeadSeed);
        register_module("policy", policy);
        register_module("value", _value);
    }

    /// <summary>The policy: an ordinary language model.</summary>
    public CausalLM Policy { get; }

    /// <summary>Whether there is a trunk that does not train: then <see cref="ResponseInput.Trunk"/> is needed.</summary>
    public bool HasTrunk { get; }

    /// <summary>What the frozen layers (with none, the embedding) leave of every real token, row after row: [tokens, d].</summary>
    public Tensor Trunk(TokenInput input)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var context = Policy.Decoder.Begin(input, Policy.Precision);
        var stream = Policy.Decoder.Lower(input, context, _frozenLayers);
        return stream.view(-1, stream.shape[^1]).index_select(0, context.RealPlaces(input)).MoveToOuterDisposeScope();
    }

    /// <summary>The policy's hidden states that predict the response tokens, row after row: [n, d] in the compute type, with gradients.</summary>
    public Tensor Hidden(ResponseInput texts) => Hidden(_top, texts);

    /// <summary>The reference's.</summary>
    public Tensor ReferenceHidden(ResponseInput texts) => Hidden(_reference, texts);

    /// <summary>The policy's logits, [n, d] -> [n, v] in the compute type.</summary>
    public Tensor Logits(Tensor hidden) => _top.Logits(hidden);

    /// <summary>The reference's logits of its own hidden states.</summary>
    public Tensor ReferenceLogits(Tensor hidden) => _reference.Logits(hidden);

    /// <summary>V of the state before each response token, from the policy's hidden states: [n, d] -> [n] float32.</summary>
    public Tensor Values(Tensor hidden) => _value.Forward(hidden);

    private Tensor Hidden(DecoderTop top, ResponseInput texts)
    {
        using var scope = NewDisposeScope();
        var context = Policy.Decoder.Begin(texts.Input, Policy.Precision);
        var stream = HasTrunk ? context.Gather(texts.Trunk!, texts.TrunkStarts!) : null;
        return top.Hidden(texts.Input, context, stream, context.PredictingPlaces(texts.Input, texts.ResponseStarts)).MoveToOuterDisposeScope();
    }
}
