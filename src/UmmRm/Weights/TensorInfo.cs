namespace UmmRm.Weights;

/// <summary>What is known of a stored tensor before its data are read.</summary>
/// <param name="Name">The checkpoint's key, such as <c>model.layers.0.mlp.up_proj.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar. Data are row-major and little-endian.</param>
public sealed record TensorInfo(string Name, TensorType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Size of the data in bytes.</summary>
    public long ByteLength => checked(Elements * Type.Bits) / 8;

    /// <summary>Element type and shape, for messages: <c>F32 [96, 32]</c>.</summary>
    public string Form => $"{Type} [{string.Join(", ", Shape)}]";
}
