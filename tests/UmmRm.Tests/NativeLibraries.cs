using System.Runtime.CompilerServices;
using UmmRm.Runtime;

namespace UmmRm.Tests;

/// <summary>
/// Tests touch TorchSharp before they touch UmmRm, so they ask for libtorch first. They compute on the processor; with UMMRM_TEST_DEVICE=cuda the parity tests named in CONTRIBUTING.md run on a graphics card.
/// </summary>
internal static class NativeLibraries
{
    [ModuleInitializer]
    internal static void Load()
    {
        LibTorch.Load();
        ComputeDevice.Use(Environment.GetEnvironmentVariable("UMMRM_TEST_DEVICE") ?? "cpu");
    }
}
