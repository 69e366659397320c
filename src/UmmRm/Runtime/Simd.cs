using TorchSharp;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>What the C# kernels share: which tensors they take, and how rows are divided among threads.</summary>
internal static class Simd
{
    /// <summary>Numbers of work below which a second thread does not pay.</summary>
    private const long WorkOfThread = 1 << 15;

    /// <summary>false sends all work to torch's own operators: for comparisons in tests and benchmarks.</summary>
    public static bool Enabled { get; set; } = true;

    /// <summary>Whether kernels can work on these tensors: in the host's memory, contiguous, float32 or bfloat16, of fewer than 2^29 elements.</summary>
    public static bool Takes(params ReadOnlySpan<Tensor> tensors)
    {
        if (!Enabled)
            return false;
        foreach (var tensor in tensors)
        {
            if (tensor.device_type != DeviceType.CPU || tensor.dtype is not (ScalarType.Float32 or ScalarType.BFloat16) || !tensor.is_contiguous() || tensor.NumberOfElements >= 1 << 29)
                return false;
        }
        return true;
    }

    /// <summary>A copy of a small vector as float32, filled up with 0 to whole vectors of the processor.</summary>
    public static float[] Vector(Tensor tensor) => new TensorRows(tensor, (int)tensor.NumberOfElements).Read(0).ToArray();

    /// <summary>In how many parts <see cref="ForRows"/> divides the work: by its size and torch's number of threads, nothing else.</summary>
    public static int Parts(int rows, long work) => (int)Math.Clamp(work / WorkOfThread, 1, Math.Max(1, Math.Min(rows, get_num_threads())));

    /// <summary>Runs the body over all rows, in equal consecutive parts on as many threads.</summary>
    /// <param name="rows">Rows altogether.</param>
    /// <param name="work">Numbers touched altogether.</param>
    /// <param name="body">Given the part's index, its first row and the row after its last.</param>
    public static void ForRows(int rows, long work, Action<int, int, int> body)
    {
        var parts = Parts(rows, work);
        if (parts == 1)
            body(0, 0, rows);
        else
            Parallel.For(0, parts, part => body(part, (int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts)));
    }
}
