using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// The residual stream between two blocks: x = Stream.Plus(Update). The addition waits for the next norm, which does both in one pass over memory.
/// </summary>
/// <param name="Stream">[b, t, d] in the parameters' type.</param>
/// <param name="Update">[b, t, d] the last block's output in the compute type, or null for none.</param>
public readonly record struct Residual(Tensor Stream, Tensor? Update)
{
    /// <summary>x: [b, t, d].</summary>
    public Tensor Sum() => Update is null ? Stream.alias() : Stream.Plus(Update);

    /// <summary>x at the given places [b, n]: [b, n, d] each part.</summary>
    public Residual At(Tensor places) => new(Pick(Stream, places), Update is null ? null : Pick(Update, places));

    /// <summary>Keeps the tensors beyond the dispose scope.</summary>
    public Residual MoveToOuterDisposeScope() => new(Stream.MoveToOuterDisposeScope(), Update?.MoveToOuterDisposeScope());

    internal static Tensor Pick(Tensor x, Tensor places)
    {
        using var index = places.unsqueeze(-1).expand(-1, -1, x.shape[2]);         // [b, n, d]
        return x.gather(1, index);
    }
}
