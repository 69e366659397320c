using System.Globalization;
using UmmRm.Reports;
using UmmRm.Runtime;

namespace UmmRm.Diagnosis;

/// <summary>Whether a machine can train, and which ways are fast on it.</summary>
internal static class MachineChecks
{
    private const double Pays = 1.1;
    private const long LittleMemory = 1L << 30;

    public static IReadOnlyList<Check<MachineCase>> All { get; } =
    [
        new("system", machine => Verdict.Ok($"{machine.System}; {machine.Processors} processors")),
        new("libtorch", machine => Verdict.Ok(machine.LibTorch()), $"build again (dotnet build -c Release fetches libtorch), or let {LibTorch.FolderVariable} name the torch/lib folder of an installed PyTorch of version 2.10 or a little newer"),
        new("processor", Processor),
        new("threads", Threads),
        new("products", Products),
        new("float32-route", Route),
        new("bfloat16", Halves),
        new("memory", Memory),
        new("cuda", Cards),
    ];

    private static Verdict Processor(MachineCase machine)
    {
        var has = string.Join(", ", ProcessorFeatures.Names.Where(machine.Features.Contains));
        return machine.Features.Contains("avx2") || machine.Features.Contains("asimd")
            ? Verdict.Ok($"{has}{(machine.Features.Contains("amx_bf16") ? ": bfloat16 tiles in hardware" : machine.Features.Overlaps(["avx512_bf16", "bf16"]) ? ": bfloat16 products in hardware" : ": no bfloat16 in hardware")}")
            : Verdict.Warning($"no AVX2 ({(has.Length > 0 ? has : "nothing of use")}): libtorch and the kernels here are made for vectors of 8 numbers, and fall back to a fraction of their speed", "a processor of the last ten years; in a virtual machine, pass the host's processor through");
    }

    private static Verdict Threads(MachineCase machine)
    {
        var threads = machine.Threads();
        var detail = string.Create(CultureInfo.InvariantCulture, $"libtorch computes with {threads} threads on {machine.Processors} processors");
        return threads <= machine.Processors
            ? Verdict.Ok(detail)
            : Verdict.Warning($"{detail}: they wait for each other by spinning, and a small model then trains many times slower", $"--threads {machine.Processors}, or OMP_NUM_THREADS={machine.Processors}");
    }

    private static Verdict Products(MachineCase machine)
    {
        var now = machine.Now();
        return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"matrices of 1024 x 1024, {machine.Threads()} threads: float32 {now.Float32:N0} GFLOP/s, float32 by oneDNN {now.OneDnn:N0}, bfloat16 {now.BFloat16:N0}"));
    }

    private static Verdict Route(MachineCase machine)
    {
        var kept = machine.Kept();
        return Verdict.Ok(string.Create(CultureInfo.InvariantCulture,
            $"float32 training of wide models takes {(kept.Best == MatmulRoute.OneDnn ? "oneDNN" : "torch's own choice")}: one thread made {kept.Float32:N0} GFLOP/s by torch's choice and {kept.OneDnn:N0} by oneDNN{(kept.OneDnnError > 0 ? $", whose error was {kept.OneDnnError:0.0e+0}" : "")} (kept in {MatmulSpeeds.DefaultFile})"));
    }

    private static Verdict Halves(MachineCase machine)
    {
        var kept = machine.Kept();
        var ratio = kept.BFloat16 / kept.Float32;
        var detail = string.Create(CultureInfo.InvariantCulture, $"bfloat16 products are {ratio:0.0} times as fast as float32 ones");
        return ratio >= Pays
            ? Verdict.Ok($"{detail}: precision mixed and bfloat16 pay for models of some size")
            : Verdict.Warning($"{detail}: precision mixed trains more slowly than float32 here, small models by a factor of about 3", "set precision: float32 in recipes run here; bfloat16 still halves memory for scoring");
    }

    private static Verdict Memory(MachineCase machine)
    {
        var detail = $"{ByteSize.Text(machine.Memory)}{(machine.FreeMemory is { } free ? $", of which {ByteSize.Text(free)} free now" : "")}";
        return machine.FreeMemory is { } left && left < LittleMemory
            ? Verdict.Warning($"{detail}: libtorch alone takes half a gibibyte, and the system ends processes that ask for more than there is without a word", "end other programs, or train elsewhere; ummrm run says first what a recipe needs")
            : Verdict.Ok(detail);
    }

    private static Verdict Cards(MachineCase machine)
    {
        var cards = machine.Cards();
        var memory = machine.CardMemory is { } bytes ? $", the first with {ByteSize.Text(bytes)}" : "";
        if (cards == 0 && machine.CardMemory is not null)
            return Verdict.Warning($"the driver sees a graphics card{memory.Replace(", the first", "", StringComparison.Ordinal)}, and this libtorch does not use it: it was built for processors only", $"build with -p:UmmRmCuda=true, or let {LibTorch.FolderVariable} name the torch/lib folder of a PyTorch with CUDA");
        return Verdict.Ok(cards == 0 ? "no graphics card; models compute on the processor" : $"{cards} CUDA device{(cards == 1 ? "" : "s")}{memory}; models compute there unless --device says cpu");
    }
}
