using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>
/// What the tensors of a feed-forward block are called, in a dense checkpoint and in a mixture: <c>PREFIX.mlp.TENSOR</c> becomes
/// <c>PREFIX.mlp.router.weight</c> [N - 1, d] and <c>PREFIX.mlp.experts.J.TENSOR</c>, J = 0 the shared expert, 1 .. N - 1 the routed ones.
/// </summary>
public static class MixtureNames
{
    /// <summary>The tensors of one dense feed-forward block, biases too.</summary>
    public static IReadOnlyList<string> Tensors(ModelFamily family) => family == ModelFamily.GptNeoX
        ? ["dense_h_to_4h.weight", "dense_h_to_4h.bias", "dense_4h_to_h.weight", "dense_4h_to_h.bias"]
        : ["gate_proj.weight", "up_proj.weight", "down_proj.weight"];

    /// <summary>A dense block's tensor.</summary>
    /// <param name="family">The architecture.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    public static string Dense(ModelFamily family, int layer, string tensor) => $"{(family == ModelFamily.GptNeoX ? "gpt_neox" : "model")}.layers.{layer}.mlp.{tensor}";

    /// <summary>The same tensor of one expert; 0 is the shared one.</summary>
    public static string Expert(ModelFamily family, int layer, int expert, string tensor) => Dense(family, layer, $"experts.{expert}.{tensor}");

    /// <summary>The router's matrix of a layer.</summary>
    public static string Router(ModelFamily family, int layer) => Dense(family, layer, "router.weight");
}
