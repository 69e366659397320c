using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

[Collection(nameof(ProcessSettings))]
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

    [Theory]
    [InlineData(100, 150, 3e-7, MatmulRoute.OneDnn)]
    [InlineData(100, 105, 3e-7, MatmulRoute.Default)] // hardly faster: not worth another order of sums
    [InlineData(100, 400, 3e-3, MatmulRoute.Default)] // factors rounded to bfloat16
    public void Best_OfSpeeds_IsOneDnnOnlyWhereItIsFasterAndAsExact(double plain, double oneDnn, double error, MatmulRoute best) =>
        Assert.Equal(best, new MatmulSpeeds(plain, oneDnn, error, 200).Best);

    [Fact]
    public void Measure_ThisMachine_LeavesThreadsAndRouteAsTheyWere()
    {
        var threads = get_num_threads();
        var measured = MatmulRoutes.Measure();
        Assert.All((double[])[measured.Float32, measured.OneDnn, measured.BFloat16], rate => Assert.InRange(rate, 0.1, 1e6));
        Assert.InRange(measured.OneDnnError, 0, 1e-2);
        Assert.Equal((threads, MatmulRoute.Default), (get_num_threads(), MatmulRoutes.Current));
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
