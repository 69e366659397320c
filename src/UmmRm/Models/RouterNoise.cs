using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// Gaussian noise on routing logits while a mixture trains, so that experts beyond the likeliest are tried: noisy top-k gating (arXiv 1701.06538) with a fixed standard deviation
/// in the place of a learned one. Which experts a token visits and with what gates follows from the noisy logits.
/// </summary>
/// <param name="deviation">Its standard deviation, in units of the logits.</param>
/// <param name="seed">Fixes the draws.</param>
internal sealed class RouterNoise(double deviation, long seed)
{
    private SeededRandom _random = new(seed);

    /// <summary>Begins a pass: passes of one name see the same noise, however many were before.</summary>
    public void Begin(string pass) => _random = new SeededRandom(seed).Fork(pass);

    /// <summary>[n, e] logits -> logits with noise.</summary>
    public Tensor AddTo(Tensor logits)
    {
        var noise = new float[logits.numel()];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (float)(deviation * _random.NextGaussian());
        using var drawn = tensor(noise, logits.shape, device: logits.device);
        return logits.Plus(drawn);
    }
}
