using System.Runtime.InteropServices;
using TorchSharp;
using UmmRm.Runtime;

namespace UmmRm.Diagnosis;

/// <summary>What a machine is, as far as it decides how fast and whether models train.</summary>
internal sealed record MachineCase
{
    /// <summary>The system and the runtime, in a line.</summary>
    public required string System { get; init; }

    /// <summary>Loads libtorch and says from where.</summary>
    public required Func<string> LibTorch { get; init; }

    /// <summary>What the processor can do for matrices: see <see cref="ProcessorFeatures"/>.</summary>
    public required IReadOnlySet<string> Features { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>Threads that libtorch computes with.</summary>
    public required Func<int> Threads { get; init; }

    /// <summary>The speeds by which routes are chosen, one thread, as they are kept for this machine.</summary>
    public required Func<MatmulSpeeds> Kept { get; init; }

    /// <summary>The same now, with all threads.</summary>
    public required Func<MatmulSpeeds> Now { get; init; }

    /// <summary>Bytes in all, or as far as a container allows.</summary>
    public required long Memory { get; init; }

    /// <summary>Bytes that are free now; null where the system does not say.</summary>
    public long? FreeMemory { get; init; }

    /// <summary>CUDA devices that libtorch sees.</summary>
    public required Func<int> Cards { get; init; }

    /// <summary>Bytes of the first card, as its driver says; null where there is no driver.</summary>
    public long? CardMemory { get; init; }

    /// <summary>The machine that this runs on.</summary>
    public static MachineCase Here() => new()
    {
        System = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}; {RuntimeInformation.FrameworkDescription}",
        LibTorch = () =>
        {
            Runtime.LibTorch.Load();
            return $"{torch.__version__}, {Runtime.LibTorch.Note.Replace("libtorch: ", "", StringComparison.Ordinal)}";
        },
        Features = ProcessorFeatures.Here(),
        Processors = Environment.ProcessorCount,
        Threads = torch.get_num_threads,
        Kept = () => MatmulSpeeds.Of(MatmulSpeeds.DefaultFile),
        Now = () => MatmulRoutes.Measure(torch.get_num_threads(), TimeSpan.FromSeconds(1)),
        Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        FreeMemory = Free(),
        Cards = () => torch.cuda.is_available() ? torch.cuda.device_count() : 0,
        CardMemory = CudaMemory.Total(0),
    };

    private static long? Free()
    {
        const string file = "/proc/meminfo", key = "MemAvailable:";
        return File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            && long.TryParse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), out var kilobytes) ? 1024 * kilobytes : null;
    }
}
