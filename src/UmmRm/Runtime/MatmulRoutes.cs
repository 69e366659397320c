using System.Runtime.InteropServices;

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

    /// <summary>The route that is taken now.</summary>
    public static MatmulRoute Current { get; private set; }

    /// <summary>Takes a route until the result is disposed; the default one where this libtorch does not export the switch. Process-wide: not for two threads at once.</summary>
    public static IDisposable Use(MatmulRoute route)
    {
        var before = Current;
        Switch(route);
        return new Restore(before);
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
