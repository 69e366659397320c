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

    /// <summary>Added to every score: the bias of a head that another trainer wrote. It is no parameter: training leaves it, and differences between scores do not see it.</summary>
    public double Constant { get; set; }

    /// <summary>Scores of the texts that end at the given positions.</summary>
    /// <param name="input">The sequences: a text a row, or rows that hold several texts kept apart by the mask.</param>
    /// <param name="ends">[b, n] int64: in each row, the positions (axis t) of the last real tokens of its n texts.</param>
    /// <param name="gates">Sees every mixture layer's gates, or null.</param>
    /// <param name="expert">The only routed expert (0-based) that a mixture uses, merged with the shared one: the score of a single expert. null for the mixture itself.</param>
    /// <returns>[b, n] float32.</returns>
    public Tensor Forward(TokenInput input, Tensor ends, IGateObserver? gates = null, int? expert = null)
    {
        using var scope = NewDisposeScope();
        var context = Decoder.Begin(input, Precision, gates: gates, expert: expert);
        var mean = Decoder.Config.MeanPooling;
        var hidden = Decoder.FinalNorm.Forward(Decoder.Forward(input, context, mean ? null : ends), context).Normal; // [b, n, d], or [b, t, d] for a mean
        var scores = nn.functional.linear(hidden.to_type(ScalarType.Float32), Head.to_type(ScalarType.Float32)).squeeze(-1);
        if (mean)
            scores = MeanUpTo(ends, scores, input);
        return (Constant == 0 ? scores : scores.Plus(Constant)).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of the tokens' own scores, which is the score of their mean: the head is linear.</summary>
    private static Tensor MeanUpTo(Tensor ends, Tensor scores, TokenInput input)
    {
        if (input.MayAttend is not null || input.Gaps is not null)
            throw new ArgumentException("a mean over a text's tokens needs a text a row, padded on the right: a model with pooling mean can score texts, and cannot be trained on pairs that share a row");
        return scores.cumsum(1).gather(1, ends).div(ones_like(scores).cumsum(1).gather(1, ends));
    }
}
