using UmmRm.Diagnosis;
using UmmRm.Runtime;

namespace UmmRm.Tests.Diagnosis;

public sealed class MachineChecksTests
{
    private static readonly MachineCase Good = new()
    {
        System = "some system",
        LibTorch = () => "2.10.0, loaded from /lib",
        Features = new HashSet<string> { "avx2", "fma", "avx512f", "avx512_bf16" },
        Processors = 4,
        Threads = () => 4,
        Kept = () => new MatmulSpeeds(100, 190, 3e-7, 300),
        Now = () => new MatmulSpeeds(400, 700, 3e-7, 1200),
        Memory = 16L << 30,
        FreeMemory = 12L << 30,
        Cards = () => 0,
    };

    [Fact]
    public void Machine_InOrder_SaysWhatItIs()
    {
        var findings = new Examination(e => e.Message).Of("machine", Good, MachineChecks.All);
        Assert.Equal(["system", "libtorch", "processor", "threads", "products", "float32-route", "bfloat16", "memory", "cuda"], findings.Select(finding => finding.Check));
        findings.Has("libtorch", Severity.Ok, "/lib");
        findings.Has("processor", Severity.Ok, "avx2", "bfloat16 products in hardware");
        findings.Has("products", Severity.Ok, "4 threads", "float32 400 GFLOP/s", "700", "bfloat16 1,200");
        findings.Has("float32-route", Severity.Ok, "oneDNN");
        findings.Has("bfloat16", Severity.Ok, "3.0 times");
        findings.Has("memory", Severity.Ok, "16.0 GiB", "12.0 GiB");
        findings.Has("cuda", Severity.Ok, "no graphics card");
    }

    [Fact]
    public void LibTorch_CannotBeLoaded_IsAnErrorWithTheLoadersReason() =>
        Finds(Good with { LibTorch = () => throw new DllNotFoundException("libc10.so is missing") }, "libtorch", Severity.Error, "libc10.so");

    [Fact]
    public void Processor_WithoutVectors_IsAWarning() => Finds(Good with { Features = new HashSet<string>() }, "processor", Severity.Warning, "AVX2");

    [Fact]
    public void Threads_MoreThanProcessors_IsAWarning() => Finds(Good with { Threads = () => 64 }, "threads", Severity.Warning, "64 threads on 4 processors");

    [Fact]
    public void BFloat16_SlowerThanFloat32_IsAWarning() => Finds(Good with { Kept = () => new MatmulSpeeds(100, 100, 0, 60) }, "bfloat16", Severity.Warning, "0.6 times");

    [Fact]
    public void Memory_HardlyAnyFree_IsAWarning() => Finds(Good with { FreeMemory = 100L << 20 }, "memory", Severity.Warning, "100 MiB free");

    [Fact]
    public void Cards_TheDriverSeesOneAndLibtorchNone_IsAWarning()
    {
        Finds(Good with { CardMemory = 80L << 30 }, "cuda", Severity.Warning, "80.0 GiB");
        Finds(Good with { CardMemory = 80L << 30, Cards = () => 1 }, "cuda", Severity.Ok, "1 CUDA device, the first with 80.0 GiB");
    }

    [Fact]
    public void Here_ThisMachine_HasThreadsMemoryAndAProcessor()
    {
        var here = MachineCase.Here();
        Assert.True(here.Memory > 0 && here.Processors > 0 && here.Threads() > 0);
        Assert.NotEmpty(here.Features);
        Assert.NotEmpty(here.LibTorch());
    }

    private static void Finds(MachineCase machine, string check, Severity severity, params string[] named) => Findings.Is(Findings.Of(machine, MachineChecks.All, check), severity, named);
}
