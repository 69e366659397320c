using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

public sealed class MatmulRoutesTests
{
    [Fact]
    public void Use_UntilDisposed_ThenTheRouteBeforeIsBack()
    {
        Assert.Equal(MatmulRoute.Default, MatmulRoutes.Current);
        using (MatmulRoutes.Use(MatmulRoute.OneDnn))
        {
            if (OperatingSystem.IsLinux())
                Assert.Equal(MatmulRoute.OneDnn, MatmulRoutes.Current);
            using var scope = NewDisposeScope();
            var (a, b) = (KernelTests.Random([300, 200], ScalarType.Float32, 1), KernelTests.Random([200, 100], ScalarType.Float32, 2));
            TensorAssert.RelativelyClose(a.to_type(ScalarType.Float64).mm(b.to_type(ScalarType.Float64)), a.mm(b), 1e-2, "product"); // AMX may round the factors to bfloat16
        }
        Assert.Equal(MatmulRoute.Default, MatmulRoutes.Current);
    }

    [Fact]
    public void Measure_ThisMachine_ChoosesOneDnnOnlyWhenItIsFasterAndAsExact()
    {
        var measured = MatmulRoutes.Measure();
        Assert.All((double[])[measured.Float32, measured.OneDnn, measured.BFloat16], rate => Assert.True(rate > 0));
        Assert.Equal(measured.OneDnn > 1.1 * measured.Float32 && measured.OneDnnError < 1e-6, measured.Best == MatmulRoute.OneDnn);
        Assert.Equal(MatmulRoute.Default, MatmulRoutes.Current);
    }

    [Fact]
    public void Speeds_MeasuredOnce_AreTheSameForTheNextProcess()
    {
        var folder = Directory.CreateTempSubdirectory("ummrm-test-");
        try
        {
            var file = Path.Combine(folder.FullName, "cache", "speeds.json");
            var first = MatmulSpeeds.Of(file);
            Assert.Equal(first, MatmulSpeeds.Of(file));
            File.WriteAllText(file, "{ not what was written");
            Assert.True(MatmulSpeeds.Of(file).Float32 > 0); // a spoilt file is measured again
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
