using TorchSharp;

namespace UmmRm.Weights;

/// <summary>The element type of a stored tensor, under the name that safetensors headers use (<c>F32</c>, <c>BF16</c>, ...).</summary>
/// <remarks>Every type of the format can be listed, copied and written; <see cref="ToTorch"/> says which of them torch can hold.</remarks>
public sealed class TensorType
{
    // The reference implementation's order, by alignment: a writer puts the last of these first.
    private static readonly (string Name, int Bits)[] Names =
    [
        ("BOOL", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("U8", 8), ("I8", 8), ("F8_E5M2", 8), ("F8_E4M3", 8), ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8),
        ("I16", 16), ("U16", 16), ("F16", 16), ("BF16", 16), ("I32", 32), ("U32", 32), ("F32", 32), ("C64", 64), ("F64", 64), ("I64", 64), ("U64", 64),
    ];

    private static readonly TensorType[] Known = [.. Names.Select((type, order) => new TensorType(type.Name, type.Bits, order))];

    private TensorType(string name, int bits, int order) => (Name, Bits, Order) = (name, bits, order);

    /// <summary>IEEE 754 single precision.</summary>
    public static TensorType F32 { get; } = Named("F32")!;

    /// <summary>IEEE 754 half precision.</summary>
    public static TensorType F16 { get; } = Named("F16")!;

    /// <summary>The upper half of a single: 8 bits of exponent, 8 of significand.</summary>
    public static TensorType BF16 { get; } = Named("BF16")!;

    /// <summary>The name in a safetensors header.</summary>
    public string Name { get; }

    /// <summary>Bits of one element; fewer than 8 where elements are packed.</summary>
    public int Bits { get; }

    /// <summary>The type's rank in the reference writer: data of a higher rank come first in a file.</summary>
    internal int Order { get; }

    /// <summary>The word that config.json's <c>dtype</c> uses (<c>float32</c>, <c>bfloat16</c>, <c>float16</c>), or null for a type that no model is stored in.</summary>
    public string? ConfigName => Name switch { "F32" => "float32", "BF16" => "bfloat16", "F16" => "float16", "F64" => "float64", _ => null };

    /// <summary>The type of that name in a safetensors header, or null when the format has none.</summary>
    public static TensorType? Named(string name) => Array.Find(Known, type => type.Name == name);

    /// <summary>The type that config.json's <c>dtype</c> means, or null for any other word.</summary>
    public static TensorType? FromConfig(string word) => Array.Find(Known, type => type.ConfigName == word);

    /// <summary>The type of a tensor that torch holds.</summary>
    /// <exception cref="ArgumentException">safetensors has no name for it (complex halves, quantised types).</exception>
    public static TensorType Of(torch.ScalarType type) =>
        Array.Find(Known, known => known.ToTorch() == type) ?? throw new ArgumentException($"safetensors has no element type for torch's {type}; convert the tensor first");

    /// <summary>The type under which torch holds such a tensor, or null when it has none (8-bit and smaller floats, unsigned integers above 8 bits).</summary>
    public torch.ScalarType? ToTorch() => Name switch
    {
        "BOOL" => torch.ScalarType.Bool,
        "U8" => torch.ScalarType.Byte,
        "I8" => torch.ScalarType.Int8,
        "I16" => torch.ScalarType.Int16,
        "F16" => torch.ScalarType.Float16,
        "BF16" => torch.ScalarType.BFloat16,
        "I32" => torch.ScalarType.Int32,
        "F32" => torch.ScalarType.Float32,
        "C64" => torch.ScalarType.ComplexFloat32,
        "F64" => torch.ScalarType.Float64,
        "I64" => torch.ScalarType.Int64,
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
