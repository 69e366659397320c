using System.Diagnostics;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>The units of all reports: what a 2048^3 product makes in this process, in GFLOP/s.</summary>
internal sealed class MachineSpeed
{
    private readonly List<double> _float32 = [];
    private readonly List<double> _medium = [];
    private readonly List<double> _bfloat16 = [];

    /// <summary>pk: the float32 product.</summary>
    public double Float32 => Median(_float32);

    /// <summary>The float32 product by oneDNN; the same as pk where that route cannot be taken.</summary>
    public double Medium => Median(_medium);

    /// <summary>The bfloat16 product.</summary>
    public double BFloat16 => Median(_bfloat16);

    /// <summary>pk as measured last.</summary>
    public double Latest => _float32[^1];

    /// <summary>Measures once more; call it next to each measurement, because a shared machine's speed changes.</summary>
    public void Measure()
    {
        using (MatmulRoutes.Use(MatmulRoute.Default))
            _float32.Add(Rate(ScalarType.Float32));
        _bfloat16.Add(Rate(ScalarType.BFloat16));
        using (MatmulRoutes.Use(MatmulRoute.OneDnn))
            _medium.Add(Rate(ScalarType.Float32));
    }

    public void Print(Report report)
    {
        report.Line($"2048^3 products in this process: float32 {Float32:f0} GFLOP/s = pk; float32 through oneDNN {Medium:f0} = {Medium / Float32:f2} pk; bfloat16 {BFloat16:f0} = {BFloat16 / Float32:f2} pk (medians of {_float32.Count}).");
        report.Line();
    }

    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Counts the processor time of this process instead of the time on the wall: on a machine that others use too, and with one thread, the better measure.</summary>
    public static bool ProcessorTime { get; set; }

    /// <summary>Seconds of one call.</summary>
    public static double Time(Action action)
    {
        var (start, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        action();
        return (ProcessorTime ? Environment.CpuUsage.TotalTime - used : Stopwatch.GetElapsedTime(start)).TotalSeconds;
    }

    private static double Rate(ScalarType type)
    {
        const long Size = 2048;
        using var scope = NewDisposeScope();
        var (a, b) = (randn(Size, Size).to_type(type), randn(Size, Size).to_type(type));
        return 2e-9 * Size * Size * Size / Median([.. Enumerable.Range(0, 3).Select(_ => Time(() => a.mm(b).Dispose()))]);
    }
}
