using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>METHOD 1's r(x, y): a decoder with a scalar head, without bias, read at the last real token of a text. Dense, or a mixture.</summary>
public sealed class RewardModel : Component
{
    /// <summary>A model with uninitialised parameters, kept in the precision's parameter type.</summary>
    public RewardModel(ModelConfig config, Precision precision = Precision.Float32) : base(nameof(RewardModel))
    {
        Precision = precision;
        Decoder = Decoder.Create(config, precision);
        var head = new Projection(config.HiddenSize, 1, bias: false, precision.ParameterType());
        Head = head.Weight;
        register_module(Decoder.Prefix, Decoder);
        register_module("score", head);
    }

    /// <summary>The trunk.</summary>
    public Decoder Decoder { get; }

    /// <summary>[1, d] the scalar head, <c>score.weight</c>.</summary>
    public Parameter Head { get; }

    /// <summary>The number format of forward passes.</summary>
    public Precision Precision { get; }

    /// <summary>Scores of the texts that end at the given positions.</summary>
    /// <param name="input">The sequences: a text a row, or rows that hold several texts kept apart by the mask.</param>
    /// <param name="ends">[b, n] int64: in each row, the positions (axis t) of the last real tokens of its n texts.</param>
    /// <param name="gates">Sees every mixture layer's gates, or null.</param>
    /// <returns>[b, n] float32.</returns>
    public Tensor Forward(TokenInput input, Tensor ends, IGateObserver? gates = null)
    {
        using var scope = NewDisposeScope();
        var context = Decoder.Begin(input, Precision, gates: gates);
        var last = Decoder.FinalNorm.Forward(Decoder.Forward(input, context, ends), context).Normal; // [b, n, d]
        return nn.functional.linear(last.to_type(ScalarType.Float32), Head.to_type(ScalarType.Float32)).squeeze(-1).MoveToOuterDisposeScope();
    }
}
