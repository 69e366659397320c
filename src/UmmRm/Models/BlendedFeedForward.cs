using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// METHOD 4's merged network with its weights mixed on the fly: theta = alpha theta_1 + (1 - alpha) sum beta_i theta_i, beta = softmax(a).
/// Only a can be trained; the experts stay as they are. Computes the merged dense network's function, at any a.
/// </summary>
public sealed class BlendedFeedForward : FeedForward
{
    private readonly double _alpha;
    private readonly IReadOnlyList<DenseFeedForward> _experts;

    /// <summary>A blend of a mixture's experts.</summary>
    /// <param name="mixture">The trained mixture; not copied, and frozen by the caller.</param>
    /// <param name="alpha">The shared expert's weight, from the checkpoint's configuration.</param>
    /// <param name="coefficients">beta to start from, one a routed expert; each at least 1e-6 is taken, so that its logarithm is finite.</param>
    public BlendedFeedForward(SharedExpertMoe mixture, double alpha, IReadOnlyList<double> coefficients) : base(nameof(BlendedFeedForward))
    {
        _alpha = alpha;
        _experts = mixture.Experts;
        Logits = new Parameter(tensor(coefficients.Select(beta => (float)Math.Log(Math.Max(beta, 1e-6))).ToArray(), device: _experts[0].Tensors[0].device));
        register_parameter("logits", Logits);
    }

    /// <summary>a: [N - 1].</summary>
    public Parameter Logits { get; }

    /// <summary>beta: [N - 1], the softmax of a.</summary>
    public double[] Coefficients()
    {
        using var scope = NewDisposeScope();
        return [.. Logits.detach().to_type(ScalarType.Float64).softmax(0).cpu().data<double>()];
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, int layer, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var shares = Logits.softmax(0).Times(1 - _alpha).unbind(0);                 // N - 1 scalars
        var blended = Enumerable.Range(0, _experts[0].Tensors.Count).Select(i => Blend(i, shares)).ToList();
        return _experts[0].Compute(x, blended, context).MoveToOuterDisposeScope();
    }

    private Tensor Blend(int index, Tensor[] shares)
    {
        using var scope = NewDisposeScope();
        var sum = _experts[0].Tensors[index].Times(_alpha);
        for (var i = 0; i < shares.Length; i++)
            sum = sum.Plus(_experts[i + 1].Tensors[index].mul(shares[i]));
        return sum.MoveToOuterDisposeScope();
    }
}
