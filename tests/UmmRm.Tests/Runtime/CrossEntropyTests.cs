using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

public sealed class CrossEntropyTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    [InlineData(15)] // within the last vector, beyond the row
    [InlineData(16)]
    public void Targets_BeyondTheVocabulary_AreRefused(long target)
    {
        using var scope = NewDisposeScope();
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            var targets = tensor([target]);
            Assert.Throws<ArgumentOutOfRangeException>(() => CrossEntropy.ToGradient(zeros([1, 7], dtype: type), targets, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => CrossEntropy.ToGradient(zeros([1, 7], dtype: type), targets, (_, _) => 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => CrossEntropy.Measure(zeros([1, 7], dtype: type), targets, new double[1], new double[1]));
        }
    }
}
