using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>A decoder with a language-model head: the next token's logits at every position.</summary>
public sealed class CausalLM : Component
{
    private readonly Parameter _head;

    /// <summary>A model with uninitialised parameters, kept in the precision's parameter type.</summary>
    public CausalLM(ModelConfig config, Precision precision = Precision.Float32) : base(nameof(CausalLM))
    {
        Precision = precision;
        Decoder = Decoder.Create(config, precision);
        register_module(Decoder.Prefix, Decoder);
        if (config.TieWordEmbeddings)
        {
            _head = Decoder.Embedding; // the same parameter: a copy would come untied in training
            return;
        }
        var head = new Projection(config.HiddenSize, config.VocabSize, bias: false, precision.ParameterType());
        register_module(HeadName(config), head);
        _head = head.Weight;
    }

    /// <summary>The trunk.</summary>
    public Decoder Decoder { get; }

    /// <summary>The number format of forward passes.</summary>
    public Precision Precision { get; }

    /// <summary>[v, d] the head; the embedding itself where they are tied.</summary>
    public Parameter Head => _head;

    /// <summary>The same model with a head of its own, a copy of the embedding where they were tied; the other parameters are copied too.</summary>
    public CausalLM Untied()
    {
        using var _ = no_grad();
        var model = new CausalLM(Decoder.Config with { TieWordEmbeddings = false }, Precision);
        foreach (var ((_, from), (_, to)) in Decoder.named_parameters().Zip(model.Decoder.named_parameters()))
            to.copy_(from);
        model._head.copy_(_head);
        return model;
    }

    /// <summary>What checkpoints call an untied head: <c>lm_head</c>, or <c>embed_out</c> for GPT-NeoX.</summary>
    public static string HeadName(ModelConfig config) => config.Family == ModelFamily.GptNeoX ? "embed_out" : "lm_head";

    /// <summary>The trunk's output after the final norm, [b, t, d] in the compute type.</summary>
    public Tensor Hidden(TokenInput input, KeyValueCache? cache = null, IGateObserver? gates = null)
    {
        using var scope = NewDisposeScope();
        var context = Decoder.Begin(input, Precision, cache, gates);
        return Decoder.FinalNorm.Forward(Decoder.Forward(input, context), context).Normal.MoveToOuterDisposeScope();
    }

    /// <summary>[..., d] hidden states after the final norm -> [..., v] logits, in the compute type.</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(hidden, Decoder.Cast(_head, Precision.ComputeType())).MoveToOuterDisposeScope();
    }

    /// <summary>[b, t, v] float32 logits of every position.</summary>
    public Tensor Forward(TokenInput input)
    {
        using var scope = NewDisposeScope();
        return Logits(Hidden(input)).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
