using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// Rotary position embedding: pair i of a head's first r components is turned by position x theta^(-2i/r)
/// (arXiv 2104.09864), with Llama 3's rescaling of low frequencies where the configuration asks for it.
/// </summary>
public sealed class RotaryEmbedding
{
    private readonly float[] _inverseFrequencies; // [r/2]

    /// <summary>The rotation that <paramref name="config"/> describes.</summary>
    public RotaryEmbedding(ModelConfig config)
    {
        var rotated = config.RotaryDim;
        _inverseFrequencies = Enumerable.Range(0, rotated / 2)
            .Select(i => (float)Scale(Math.Pow(config.RopeTheta, -2.0 * i / rotated), config.RopeScaling))
            .ToArray();
    }

    /// <summary>Cosines and sines, each [b, t, 1, r/2] float32, of the angles at <paramref name="positions"/> [b, t].</summary>
    public (Tensor Cos, Tensor Sin) Angles(Tensor positions)
    {
        using var scope = NewDisposeScope();
        var angles = positions.to_type(ScalarType.Float32).unsqueeze(-1).unsqueeze(-1) * tensor(_inverseFrequencies, device: positions.device);
        return scope.MoveToOuter(angles.cos(), angles.sin());
    }

    /// <summary>Turns the first r components of each head; the others pass. The halves of a head are its two coordinates, as in the checkpoints.</summary>
    /// <param name="heads">[b, t, h, hd].</param>
    /// <param name="cos">[b, t, 1, r/2] cosines of the angles.</param>
    /// <param name="sin">[b, t, 1, r/2] sines of the angles.</param>
    public static Tensor Rotate(Tensor heads, Tensor cos, Tensor sin)
    {
        using var scope = NewDisposeScope();
        var half = cos.shape[3];
        var rest = heads.shape[3] - 2 * half;
        var x = heads.narrow(3, 0, half);
        var y = heads.narrow(3, half, half);
        var turned = new List<Tensor> { x.mul(cos).sub(y.mul(sin)), y.mul(cos).Plus(x.mul(sin)) };
        if (rest > 0)
            turned.Add(heads.narrow(3, 2 * half, rest));
        return cat(turned, 3).MoveToOuterDisposeScope();
    }

    /// <summary>Llama 3: wavelengths beyond the original context are slowed by the factor, short ones kept, those between blended.</summary>
    private static double Scale(double frequency, Llama3RopeScaling? scaling)
    {
        if (scaling is null)
            return frequency;
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < scaling.OriginalMaxPositions / scaling.HighFrequencyFactor)
            return frequency;
        if (wavelength > scaling.OriginalMaxPositions / scaling.LowFrequencyFactor)
            return frequency / scaling.Factor;
        var keep = (scaling.OriginalMaxPositions / wavelength - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - keep) * frequency / scaling.Factor + keep * frequency;
    }
}
