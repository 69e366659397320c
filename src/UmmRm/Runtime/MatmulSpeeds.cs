using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace UmmRm.Runtime;

/// <summary>How fast this machine multiplies matrices, in GFLOP/s: with one thread the unit of speed reports, and the ground for choosing a route.</summary>
/// <param name="Float32">float32 by torch's own choice: "pk".</param>
/// <param name="OneDnn">float32 by <see cref="MatmulRoute.OneDnn"/>; the same as Float32 where that route cannot be taken.</param>
/// <param name="OneDnnError">The largest error of that route's product relative to the largest element; about 3e-7 where it really computes in float32.</param>
/// <param name="BFloat16">bfloat16 factors.</param>
public sealed record MatmulSpeeds(double Float32, double OneDnn, double OneDnnError, double BFloat16)
{
    private const double Gain = 1.1;
    private const double MostError = 1e-6;

    /// <summary>The route for float32 training on this machine: oneDNN where it is at least a tenth faster and as exact, else torch's choice.</summary>
    public MatmulRoute Best => OneDnn > Gain * Float32 && OneDnnError < MostError ? MatmulRoute.OneDnn : MatmulRoute.Default;

    /// <summary>Where a machine's speeds are kept, so that every process on it takes the same route and computes the same bits.</summary>
    public static string DefaultFile
    {
        get
        {
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(cache))
                cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            var machine = $"{Processor()} x{Environment.ProcessorCount}, {typeof(TorchSharp.torch).Assembly.GetName().Version}";
            return Path.Combine(cache, "ummrm", $"matmul-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(machine)))[..16]}.json");
        }
    }

    /// <summary>The kept speeds; without a readable file, measured now (about half a second) and kept where that is possible.</summary>
    public static MatmulSpeeds Of(string file)
    {
        try
        {
            if (File.Exists(file) && JsonSerializer.Deserialize<MatmulSpeeds>(File.ReadAllBytes(file)) is { Float32: > 0 } kept)
                return kept;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // A spoilt file is measured again and replaced.
        }
        var measured = MatmulRoutes.Measure();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            var temporary = $"{file}.{Environment.ProcessId}.tmp";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(measured));
            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written, as in some containers: the next process measures for itself.
        }
        return measured;
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? string.Join(" ", File.ReadLines("/proc/cpuinfo").TakeWhile(line => line.Length > 0).Where(line => line.StartsWith("model", StringComparison.Ordinal) || line.StartsWith("cpu family", StringComparison.Ordinal)))
        : $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}";
}
