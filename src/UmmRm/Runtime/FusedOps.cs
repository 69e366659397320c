using TorchSharp;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Operators of libtorch that TorchSharp does not wrap, reached through a few fixed lines of TorchScript (about 4 microseconds a call).
/// Only constant sources are compiled here, because a mistake in one ends the process; a test runs every one of them.
/// </summary>
public static class FusedOps
{
    private static readonly Lazy<jit.CompilationUnit> Script = new(() => jit.compile("""
        def embedding(weight, ids):
            return torch.embedding(weight, ids)
        def products(left, right, result) -> int:
            torch.bmm(left, right, out=result)
            return 0
        def global_norm(tensors: List[Tensor]):
            return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(tensors)))
        def scale(tensors: List[Tensor], factor: float) -> int:
            torch._foreach_mul_(tensors, factor)
            return 0
        def adamw(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor], empty: List[Tensor], steps: List[Tensor],
                  lr: float, beta1: float, beta2: float, weight_decay: float, eps: float) -> int:
            torch._fused_adamw_(parameters, gradients, means, squares, empty, steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=False, maximize=False)
            return 0

        """));

    /// <summary>Rows of <paramref name="weight"/> [v, d] at <paramref name="ids"/> [...]: [..., d]. Its gradient is added up without sorting.</summary>
    public static Tensor Embedding(Tensor weight, Tensor ids) => Script.Value.invoke<Tensor>("embedding", weight, ids);

    /// <summary>A batch of matrix products, [b, n, k] x [b, k, m], into <paramref name="result"/> [b, n, m]; no gradient is recorded.</summary>
    public static void Products(Tensor left, Tensor right, Tensor result) => Script.Value.invoke("products", left, right, result);

    /// <summary>The Euclidean norm of all elements of all tensors together.</summary>
    public static double GlobalNorm(IReadOnlyList<Tensor> tensors)
    {
        using var norm = Script.Value.invoke<Tensor>("global_norm", new object[] { tensors.ToArray() });
        return norm.to_type(ScalarType.Float64).item<double>();
    }

    /// <summary>Multiplies every tensor by the factor, in place.</summary>
    public static void Scale(IReadOnlyList<Tensor> tensors, double factor)
    {
        using var number = factor.ToScalar(); // held until the call is over
        Script.Value.invoke("scale", tensors.ToArray(), number);
    }

    /// <summary>One AdamW update (arXiv 1711.05101) of all tensors at once, in place; <paramref name="steps"/> count the updates before this one.</summary>
    /// <param name="parameters">Leaves to update; no gradient is recorded.</param>
    /// <param name="gradients">Their gradients, same shapes and types.</param>
    /// <param name="means">First moments.</param>
    /// <param name="squares">Second moments.</param>
    /// <param name="steps">One float32 scalar a parameter, incremented here.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay, times the learning rate.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    public static void AdamW(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> gradients, IReadOnlyList<Tensor> means, IReadOnlyList<Tensor> squares,
        IReadOnlyList<Tensor> steps, double learningRate, double beta1, double beta2, double weightDecay, double epsilon)
    {
        using var _ = no_grad();
        using var one = ones([], dtype: ScalarType.Float32, device: steps[0].device);
        foreach (var step in steps)
            step.PlusInPlace(one);
        using var rate = learningRate.ToScalar(); // held until the call is over, as are the others
        Script.Value.invoke("adamw", parameters.ToArray(), gradients.ToArray(), means.ToArray(), squares.ToArray(), Array.Empty<Tensor>(), steps.ToArray(),
            rate, Scalars.Of(beta1), Scalars.Of(beta2), Scalars.Of(weightDecay), Scalars.Of(epsilon));
    }
}
