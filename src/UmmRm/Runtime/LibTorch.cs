using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace UmmRm.Runtime;

/// <summary>
/// Loads libtorch's native libraries, on systems with an older libstdc++ too (Debian 12, Ubuntu 22.04): there TorchSharp's own
/// library asks for a symbol version (GLIBCXX_3.4.32) that it never uses, and a private copy with that requirement marked weak is
/// loaded in its place. Happens by itself when TorchSharp is first touched, and nothing is loaded before; a program that touches TorchSharp
/// before anything of UmmRm calls <see cref="Load"/> first.
/// </summary>
public static class LibTorch
{
    /// <summary>Environment variable: the folder of another libtorch to use in place of the one that came along, such as the torch/lib of a PyTorch with CUDA.</summary>
    public const string FolderVariable = "UMMRM_LIBTORCH";

    private const string UnusedVersion = "GLIBCXX_3.4.32";
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>How the libraries were loaded, in one line for a debug log; empty before they are.</summary>
    public static string Note { get; private set; } = "";

    /// <summary>Loads the native libraries now. Later calls do nothing.</summary>
    /// <exception cref="DllNotFoundException">The libraries are missing or cannot be loaded; the message says why and what to do.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (_loaded)
                return;
            if (OperatingSystem.IsLinux() && FindNativeFolder() is { } folder)
                LoadFrom(folder);
            else
                Note = "libtorch: left to TorchSharp's own loader";
            _loaded = true;
        }
    }

    // CA2255 asks libraries not to use module initialisers. This one only listens: it costs nothing until TorchSharp itself is
    // loaded, and then it must come before TorchSharp's first native call, which no explicit call could promise.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void LoadWithTorchSharp()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => LoadFor(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            LoadFor(assembly);
    }
#pragma warning restore CA2255

    /// <summary>
    /// Sets how many threads libtorch computes with when this thread asks it to. Several threads of ours that compute side by side take one each: with more threads
    /// than cores libtorch's own ones wait for each other by spinning.
    /// </summary>
    /// <param name="count">1 or more.</param>
    public static void UseThreads(int count) => TorchSharp.torch.set_num_threads(count);

    private static void LoadFor(Assembly assembly)
    {
        if (assembly.GetName().Name == "TorchSharp")
            Load();
    }

    [SupportedOSPlatform("linux")]
    private static void LoadFrom(string folder)
    {
        var own = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named ? Path.GetFullPath(named) : folder;
        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            LoadPart(own, name);
        if (File.Exists(Path.Combine(own, "libtorch_cuda.so")))
            LoadPart(own, "libtorch_cuda.so");
        var bridge = Path.Combine(folder, "libLibTorchSharp.so");
        if (NativeLibrary.TryLoad(bridge, out _))
        {
            Note = $"libtorch: loaded from {own}";
            return;
        }
        var copy = WithWeakRequirement(bridge);
        NativeLibrary.Load(copy);
        Note = $"libtorch: loaded from {own}; {Path.GetFileName(bridge)} from {copy}, whose requirement {UnusedVersion} is marked weak for this system's older libstdc++";
    }

    private static void LoadPart(string folder, string name)
    {
        try
        {
            NativeLibrary.Load(Path.Combine(folder, name));
        }
        catch (DllNotFoundException e) when (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 })
        {
            throw new DllNotFoundException($"{FolderVariable} names {folder}, from which {name} cannot be loaded; expected the folder with the shared libraries of libtorch 2.10 or a little newer, such as the torch/lib of a PyTorch. {e.Message}", e);
        }
    }

    /// <summary>Writes, once per version of the library, a copy that loads with an older libstdc++; returns its path.</summary>
    [SupportedOSPlatform("linux")]
    private static string WithWeakRequirement(string library)
    {
        var bytes = File.ReadAllBytes(library);
        var key = Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];
        if (!ElfVersionNeeds.MarkWeak(bytes, UnusedVersion))
        {
            NativeLibrary.Load(library); // another cause: this throws, with the system's own reason
            return library;
        }
        var folder = Path.Combine(CacheFolder(), key);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(folder, Path.GetFileName(library));
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            return path;
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    [SupportedOSPlatform("linux")]
    private static string CacheFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
            cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Path.Combine(cache, "ummrm", "native");
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Directory.CreateTempSubdirectory("ummrm-native-").FullName; // a home that cannot be written, as in some containers
        }
    }

    private static string? FindNativeFolder()
    {
        var named = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator);
        var runtime = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        var portable = Path.Combine(AppContext.BaseDirectory, "runtimes", $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native");
        return named.Concat([AppContext.BaseDirectory, runtime, portable])
            .FirstOrDefault(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "libLibTorchSharp.so")));
    }
}
