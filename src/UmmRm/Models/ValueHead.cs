using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>METHOD 7's value head: d -> 2d -> ReLU -> 1, with biases. The wide product is computed in the model's number format, the last one in float32.</summary>
public sealed class ValueHead : Component
{
    private readonly Projection _widen;
    private readonly Projection _narrow;

    /// <summary>A head whose weights and biases are uniform in +-1 / sqrt(inputs), drawn from the seed.</summary>
    public ValueHead(int hiddenSize, Precision precision, long seed) : base(nameof(ValueHead))
    {
        _widen = new Projection(hiddenSize, 2 * hiddenSize, bias: true, precision.ParameterType());
        _narrow = new Projection(2 * hiddenSize, 1, bias: true, precision.ParameterType());
        register_module("widen", _widen);
        register_module("narrow", _narrow);
        var random = new SeededRandom(seed);
        foreach (var layer in (Projection[])[_widen, _narrow])
        {
            Fill(layer.Weight, layer.Weight.shape[1], random);
            Fill(layer.Bias!, layer.Weight.shape[1], random);
        }
    }

    /// <summary>[n, d] hidden states in the compute type -> [n] values, float32.</summary>
    public Tensor Forward(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var wide = nn.functional.relu(nn.functional.linear(hidden, _widen.Weight.to_type(hidden.dtype), _widen.Bias!.to_type(hidden.dtype)));
        return nn.functional.linear(wide.to_type(ScalarType.Float32), _narrow.Weight.to_type(ScalarType.Float32), _narrow.Bias!.to_type(ScalarType.Float32)).squeeze(-1).MoveToOuterDisposeScope();
    }

    private static void Fill(Parameter parameter, long inputs, SeededRandom random)
    {
        using var _ = no_grad();
        var bound = 1 / Math.Sqrt(inputs);
        using var values = tensor(Enumerable.Range(0, (int)parameter.NumberOfElements).Select(_ => (float)(bound * (2 * random.NextDouble() - 1))).ToArray()).view(parameter.shape);
        parameter.copy_(values);
    }
}
