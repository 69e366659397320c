using TorchSharp;

namespace UmmRm.Runtime;

/// <summary>In which number format a model computes.</summary>
public enum Precision
{
    /// <summary>Parameters, activations and products in 32-bit floating point.</summary>
    Float32,

    /// <summary>
    /// Parameters, residual stream, norms, softmax sums and losses in float32; matrix products on bfloat16 copies of their inputs.
    /// Gradients and optimiser state stay float32.
    /// </summary>
    Mixed,

    /// <summary>Parameters and activations in bfloat16, norms and losses in float32: half the memory, for large models and scoring.</summary>
    BFloat16,
}

/// <summary>The number formats that a <see cref="Precision"/> stands for.</summary>
public static class PrecisionTypes
{
    /// <summary>The type that parameters are kept in.</summary>
    public static torch.ScalarType ParameterType(this Precision precision) => precision == Precision.BFloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;

    /// <summary>The type that matrix products read.</summary>
    public static torch.ScalarType ComputeType(this Precision precision) => precision == Precision.Float32 ? torch.ScalarType.Float32 : torch.ScalarType.BFloat16;
}
