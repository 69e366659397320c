using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Gradients on their way from a C# backward pass to autograd. Autograd takes references of its own, but ours would stay open until the
/// caller's dispose scope ends, and with them the memory of every layer's gradients; so they are closed when the next ones are handed over.
/// </summary>
internal static class HandedGradients
{
    [ThreadStatic]
    private static List<Tensor>? t_last;

    /// <summary>Whether autograd had no gradient for an output, because nothing depends on it.</summary>
    public static bool IsMissing(Tensor? gradient) => gradient is null || gradient.IsInvalid;

    /// <summary>What to return from <c>backward</c>: one entry an argument of <c>forward</c>, null where there is no gradient.</summary>
    public static List<Tensor> HandOver(params ReadOnlySpan<Tensor?> gradients)
    {
        t_last?.ForEach(tensor => tensor.Dispose());
        var handed = new List<Tensor>();
        t_last = [];
        foreach (var gradient in gradients)
        {
            if (gradient is not null)
                t_last.Add(gradient.DetachFromDisposeScope());
            handed.Add(gradient!);
        }
        return handed;
    }
}
