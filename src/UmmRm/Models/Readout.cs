using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>The places that a head reads: the last layer needs feed-forward blocks nowhere else, and where there are few of them, queries neither.</summary>
public abstract record Readout
{
    /// <summary>[b, t, d] -> the wanted places.</summary>
    public abstract Tensor Pick(Tensor x);

    /// <summary>What the last layer makes its queries of: [b, t, d] -> all of it, or the wanted places.</summary>
    internal abstract Tensor Asking(Tensor x);

    /// <summary>What is left of attention's output: all that asked -> the wanted places.</summary>
    internal abstract Tensor Answered(Tensor mixed);
}

/// <summary>A few places of each row, which alone ask.</summary>
/// <param name="Places">[b, n] int64.</param>
/// <param name="Cos">[b, n, 1, r/2] float32.</param>
/// <param name="Sin">[b, n, 1, r/2] float32.</param>
/// <param name="Bias">[b, 1, n, s]: whom the places may see.</param>
public sealed record FewPlaces(Tensor Places, Tensor Cos, Tensor Sin, Tensor Bias) : Readout
{
    /// <inheritdoc/>
    public override Tensor Pick(Tensor x) => Residual.Pick(x, Places);

    internal override Tensor Asking(Tensor x) => Pick(x);

    internal override Tensor Answered(Tensor mixed) => mixed;
}

/// <summary>Many places, such as all of the rows' responses: every token asks, and the rest of the layer is left to these.</summary>
/// <param name="Places">[n] int64 indices into the flattened [b t]; none twice.</param>
public sealed record ManyPlaces(Tensor Places) : Readout
{
    /// <summary>[b, t, d] -> [1, n, d].</summary>
    public override Tensor Pick(Tensor x)
    {
        using var flat = x.view(-1, x.shape[^1]);
        using var picked = flat.index_select(0, Places);
        return picked.unsqueeze(0);
    }

    internal override Tensor Asking(Tensor x) => x;

    internal override Tensor Answered(Tensor mixed) => Pick(mixed);
}
