using System.Runtime.InteropServices;

namespace UmmRm.Runtime;

/// <summary>How much memory a graphics card has, as its driver says: neither TorchSharp nor libtorch's C interface tells.</summary>
internal static class CudaMemory
{
    /// <summary>Bytes of a card in all; null where there is no driver or no such card.</summary>
    public static unsafe long? Total(int index)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var driver))
            return null;
        if (!NativeLibrary.TryGetExport(driver, "cuInit", out var initialise) || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var get) || !NativeLibrary.TryGetExport(driver, "cuDeviceTotalMem_v2", out var total))
            return null;
        int card;
        nuint bytes;
        return ((delegate* unmanaged<uint, int>)initialise)(0) == 0 && ((delegate* unmanaged<int*, int, int>)get)(&card, index) == 0 && ((delegate* unmanaged<nuint*, int, int>)total)(&bytes, card) == 0 ? (long)bytes : null;
    }
}
