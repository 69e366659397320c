using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

/// <summary>Compares a kernel with torch's own operators: what comes out, and the gradients of what goes in.</summary>
internal static class KernelAssert
{
    /// <summary>Tolerance relative to the largest expected number: a few roundings of the type.</summary>
    public static double Tolerance(ScalarType type) => type == ScalarType.BFloat16 ? 1.6e-2 : 2e-6;

    /// <summary>Both functions of the same inputs, and their gradients against the same random outer gradient.</summary>
    public static void Same(Func<Tensor[], Tensor[]> plain, Func<Tensor[], Tensor[]> kernel, Tensor[] inputs, string what, double factor = 1)
    {
        using var scope = NewDisposeScope();
        var (expected, expectedGradients) = Run(plain, inputs);
        var (actual, actualGradients) = Run(kernel, inputs);
        for (var i = 0; i < expected.Length; i++)
            Close(expected[i], actual[i], factor, $"{what}, output {i}");
        for (var i = 0; i < inputs.Length; i++)
            Close(expectedGradients[i], actualGradients[i], factor, $"{what}, gradient of input {i}");
    }

    private static void Close(Tensor expected, Tensor actual, double factor, string what)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        TensorAssert.RelativelyClose(expected.to_type(ScalarType.Float64), actual.to_type(ScalarType.Float64), factor * Tolerance(expected.dtype), what);
    }

    private static (Tensor[] Outputs, Tensor[] Gradients) Run(Func<Tensor[], Tensor[]> function, Tensor[] inputs)
    {
        var leaves = inputs.Select(input => input.detach().clone().requires_grad_()).ToArray();
        var outputs = function(leaves);
        using var generator = new Generator(7);
        var losses = outputs.Select(output => (output.to_type(ScalarType.Float32) * randn(output.shape, generator: generator)).sum()).ToArray();
        stack(losses).sum().backward();
        return ([.. outputs.Select(output => output.detach())], [.. leaves.Select(leaf => leaf.grad!)]);
    }
}
