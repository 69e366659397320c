using TorchSharp;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

/// <summary>The C# kernels against torch's own operators: values and gradients, odd sizes, both types.</summary>
public sealed class KernelTests
{
    public static TheoryData<int, int, ScalarType> Sizes
    {
        get
        {
            var data = new TheoryData<int, int, ScalarType>();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            {
                foreach (var (rows, width) in new[] { (1, 2), (3, 15), (2, 16), (5, 33), (700, 130) })
                    data.Add(rows, width, type);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SwiGlu_AnySize_EqualsTorch(int rows, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor[] inputs = [Random([rows, width], type, 1) * 4, Random([rows, width], type, 2)];
        KernelAssert.Same(x => [SwiGlu.Plain(x[0].to_type(ScalarType.Float32), x[1].to_type(ScalarType.Float32)).to_type(type)], x => [SwiGlu.Forward(x[0], x[1])], inputs, "SwiGLU");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void AddRmsNorm_AnySize_EqualsTorch(int rows, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        foreach (var stream in (ScalarType[])[ScalarType.Float32, type]) // mixed precision keeps the stream in float32
        {
            Tensor[] inputs = [Random([1, rows, width], stream, 1), Random([width], stream, 2) + 1, Random([1, rows, width], type, 3)];
            KernelAssert.Same(x => Both(AddRmsNorm.Plain(x[0], x[2], x[1], 1e-5, type)), x => Both(AddRmsNorm.Forward(x[0], x[2], x[1], 1e-5, type)), inputs, $"{stream} stream");
            KernelAssert.Same(x => Both(AddRmsNorm.Plain(x[0], null, x[1], 1e-5, type)), x => Both(AddRmsNorm.Forward(x[0], null, x[1], 1e-5, type)), inputs[..2], $"{stream} stream alone");
            KernelAssert.Same(x => [AddRmsNorm.Plain(x[0], x[2], x[1], 1e-5, type).Normal], x => [AddRmsNorm.Forward(x[0], x[2], x[1], 1e-5, type).Normal], inputs, "only the norm is used");
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Addition_AnySize_EqualsTorch(int rows, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (Random([rows, width], ScalarType.Float32, 1), Random([rows, width], type, 2));
        var expected = x + y.to_type(ScalarType.Float32);
        Addition.InPlace(x, y);
        TensorAssert.Equal(expected, x);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void CrossEntropy_AnySize_EqualsTorch(int rows, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var logits = Random([rows, width], type, 1) * 5;
        var targets = randint(0, width, [rows], dtype: ScalarType.Int64);
        var wide = logits.to_type(ScalarType.Float32).requires_grad_();
        var expected = nn.functional.cross_entropy(wide, targets, reduction: nn.Reduction.Sum);
        (expected * 0.125).backward();
        var right = logits.to_type(ScalarType.Float32).argmax(-1).eq(targets).sum().item<long>();
        var result = CrossEntropy.ToGradient(logits, targets, 0.125);
        Assert.Equal(expected.item<float>(), result.Sum, 1e-5 * Math.Max(1, result.Sum));
        Assert.Equal(right, result.Right);
        TensorAssert.RelativelyClose(wide.grad!, logits.to_type(ScalarType.Float32), KernelAssert.Tolerance(type), "gradient");
    }

    [Fact]
    public void Kernels_AStep_LeaveNoTensorOpen()
    {
        using var scope = NewDisposeScope();
        var (gate, weight) = (Random([64, 48], ScalarType.Float32, 1).requires_grad_(), ones(48).requires_grad_());
        void Step()
        {
            using var inner = NewDisposeScope();
            var (sum, normal) = AddRmsNorm.Forward(gate, gate, weight, 1e-5, ScalarType.Float32);
            (SwiGlu.Forward(sum, normal) * 2).sum().backward();
            gate.grad = null;
            weight.grad = null;
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
            Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Simd_TensorsItCannotRead_AreRefused()
    {
        using var scope = NewDisposeScope();
        Assert.True(Simd.Takes(zeros(2, 3), zeros(4, dtype: ScalarType.BFloat16)));
        Assert.False(Simd.Takes(zeros(2, 3).t()));
        Assert.False(Simd.Takes(zeros(2, 3, dtype: ScalarType.Float64)));
        Assert.False(Simd.Takes(zeros(2, 3, dtype: ScalarType.Float16)));
    }

    internal static Tensor Random(long[] shape, ScalarType type, int seed)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, generator: generator).to_type(type);
    }

    private static Tensor[] Both((Tensor Sum, Tensor Normal) result) => [result.Sum, result.Normal];
}
