using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Token sequences for one forward pass. Owns nothing: the caller disposes the tensors.</summary>
/// <param name="Ids">[b, t] int64 token ids; padding may hold any valid id.</param>
/// <param name="Positions">[b, t] int64, counted from each row's first real token; padding may hold any position.</param>
/// <param name="MayAttend">
/// [b, t, s] bool, true where a query (second axis) may look at a key (last axis): for masks that <see cref="Gaps"/> cannot express, and slower.
/// Every query must be allowed at least one key, itself for padding. With a cache s counts cached keys too.
/// </param>
public sealed record TokenInput(Tensor Ids, Tensor Positions, Tensor? MayAttend = null)
{
    /// <summary>
    /// What causal attention must not see, one gap a row; places count cached tokens too. null for plain causal attention, which is right for unpadded and
    /// right-padded rows. Ignored where there is a mask.
    /// </summary>
    public IReadOnlyList<KeyGap>? Gaps { get; init; }

    /// <summary>Real tokens of each row where padding stands on the right; then padding need not be computed, and what comes out there means nothing. null when unknown.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }
}
