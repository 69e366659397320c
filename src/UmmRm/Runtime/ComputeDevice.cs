using System.Globalization;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Where models are made and hence compute: their parameters are born there, and whatever meets a parameter follows it. One device a process, chosen before the first model is made.
/// </summary>
public static class ComputeDevice
{
    private static string _wanted = "auto";
    private static Device? _current;

    /// <summary>The device: the first CUDA device where this libtorch sees one, else the processor, unless <see cref="Use"/> said otherwise.</summary>
    public static Device Current => _current ??= Resolve(_wanted);

    /// <summary>Whether models compute on a graphics card.</summary>
    public static bool IsCuda => Current.type == TorchSharp.DeviceType.CUDA;

    /// <summary>Bytes that models and their activations may take: the card's, or the machine's or its container's limit.</summary>
    public static long Memory => IsCuda && CudaMemory.Total(Current.index) is { } card ? card : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Chooses the device; libtorch is not loaded by this.</summary>
    /// <param name="name"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    public static void Use(string name)
    {
        if (name is not ("auto" or "cpu") && Index(name) is null)
            throw new ArgumentException($"the device is '{name}'; expected auto, cpu, cuda or cuda:N with N from 0");
        (_wanted, _current) = (name, null);
    }

    private static Device Resolve(string name)
    {
        if (name == "cpu" || (name == "auto" && !cuda.is_available()))
            return CPU;
        var index = Index(name) ?? 0;
        if (!cuda.is_available())
            throw new InvalidOperationException($"the device is '{name}', but this libtorch sees no CUDA device. Build with -p:UmmRmCuda=true, or set UMMRM_LIBTORCH to the torch/lib folder of a PyTorch with CUDA; or use --device cpu");
        if (index >= cuda.device_count())
            throw new InvalidOperationException($"the device is '{name}', but there are {cuda.device_count()} CUDA devices, counted from 0");
        return device(TorchSharp.DeviceType.CUDA, index);
    }

    private static int? Index(string name) =>
        name == "cuda" ? 0 : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}
