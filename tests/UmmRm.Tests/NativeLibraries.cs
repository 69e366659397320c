using System.Runtime.CompilerServices;
using UmmRm.Runtime;

namespace UmmRm.Tests;

/// <summary>Tests touch TorchSharp before they touch UmmRm, so they ask for libtorch first.</summary>
internal static class NativeLibraries
{
    [ModuleInitializer]
    internal static void Load() => LibTorch.Load();
}
