using System.Runtime.Intrinsics.X86;

namespace UmmRm.Runtime;

/// <summary>What of the processor's instructions decides how fast matrices are multiplied, under Linux's names.</summary>
public static class ProcessorFeatures
{
    /// <summary>The names that are looked for, the oldest first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16", "asimd", "sve", "bf16"];

    /// <summary>Those that are here: as the system lists them where it does, so that what it does not support does not count.</summary>
    public static IReadOnlySet<string> Here()
    {
        const string file = "/proc/cpuinfo";
        var listed = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal)) : null;
        return listed is null ? Intrinsics() : listed[(listed.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ').Intersect(Names).ToHashSet();
    }

    private static HashSet<string> Intrinsics() =>
        [.. new (string Name, bool Here)[] { ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("avx512f", Avx512F.IsSupported), ("asimd", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported) }.Where(feature => feature.Here).Select(feature => feature.Name)];
}
