using System.Diagnostics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>Which library computes float32 matrix products on the CPU.</summary>
public enum MatmulRoute
{
    /// <summary>torch's choice: MKL on x86.</summary>
    Default,

    /// <summary>
    /// oneDNN, torch's "medium" float32 precision: on some processors twice as fast. Where the processor multiplies bfloat16 tiles in hardware
    /// (AMX) it may round the factors to bfloat16, so measure the error before relying on it.
    /// </summary>
    OneDnn,
}

/// <summary>Chooses the route of float32 products. torch has the switch, but TorchSharp does not wrap it: it is called by its exported C++ name.</summary>
public static partial class MatmulRoutes
{
    private const string Library = "torch_cpu";
    private const int Rounds = 10;

    /// <summary>The route that is taken now.</summary>
    public static MatmulRoute Current { get; private set; }

    /// <summary>Takes a route until the result is disposed; the default one where this libtorch does not export the switch. Process-wide: not for two threads at once.</summary>
    public static IDisposable Use(MatmulRoute route)
    {
        var before = Current;
        Switch(route);
        return new Restore(before);
    }

    /// <summary>Measures this machine, each rate as the best of several products: half a second when nothing else runs.</summary>
    /// <param name="threads">Threads to compute with.</param>
    /// <param name="atLeast">Goes on measuring for so long.</param>
    public static MatmulSpeeds Measure(int threads = 1, TimeSpan atLeast = default)
    {
        const long Size = 1024;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (before, start) = (get_num_threads(), Stopwatch.GetTimestamp());
        set_num_threads(threads);
        try
        {
            using var generator = new Generator(1);
            var (a, b) = (randn([Size, Size], generator: generator), randn([Size, Size], generator: generator));
            var (halfA, halfB) = (a.to_type(ScalarType.BFloat16), b.to_type(ScalarType.BFloat16));
            double plain = 0, oneDnn = 0, halves = 0, error = 0;
            for (var round = 0; round < Rounds || Stopwatch.GetElapsedTime(start) < atLeast; round++) // in turn, so that whatever else the machine does slows all of them
            {
                plain = Math.Max(plain, Rate(a, b));
                halves = Math.Max(halves, Rate(halfA, halfB));
                using var route = Use(MatmulRoute.OneDnn);
                if (Current == MatmulRoute.OneDnn)
                    (oneDnn, error) = (Math.Max(oneDnn, Rate(a, b)), error == 0 ? Error(a, b) : error);
            }
            return oneDnn == 0 ? new MatmulSpeeds(plain, plain, 0, halves) : new MatmulSpeeds(plain, oneDnn, error, halves);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    private static double Rate(Tensor a, Tensor b)
    {
        var start = Stopwatch.GetTimestamp();
        a.mm(b).Dispose();
        return 2e-9 * a.shape[0] * a.shape[1] * b.shape[1] / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The product's largest error relative to its largest element, as the route in use computes it.</summary>
    private static double Error(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var exact = a.to_type(ScalarType.Float64).mm(b.to_type(ScalarType.Float64));
        return ((a.mm(b) - exact).abs().max() / exact.abs().max()).item<double>();
    }

    private static void Switch(MatmulRoute route)
    {
        if (route == Current)
            return;
        LibTorch.Load();
        try
        {
            const int OneDnnBackend = 2, MatmulOperator = 3, Unset = 0, Medium = 3;
            SetFloat32Precision(GlobalContext(), OneDnnBackend, MatmulOperator, route == MatmulRoute.OneDnn ? Medium : Unset);
            Current = route;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Current = MatmulRoute.Default; // another build of libtorch: its own choice stands
        }
    }

    // at::globalContext() and at::Context::setFloat32Precision(Float32Backend, Float32Op, Float32Precision), libtorch 2.10.
    [LibraryImport(Library, EntryPoint = "_ZN2at13globalContextEv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GlobalContext();

    [LibraryImport(Library, EntryPoint = "_ZN2at7Context19setFloat32PrecisionENS_14Float32BackendENS_9Float32OpENS_16Float32PrecisionE")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void SetFloat32Precision(nint context, int backend, int operation, int precision);

    private sealed class Restore(MatmulRoute route) : IDisposable
    {
        public void Dispose() => Switch(route);
    }
}
