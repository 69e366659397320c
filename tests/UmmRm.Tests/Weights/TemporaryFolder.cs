namespace UmmRm.Tests.Weights;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ummrm-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>A writable copy of a folder of reference files.</summary>
    public string CopyOf(string source, string name)
    {
        Directory.CreateDirectory(this[name]);
        foreach (var file in Directory.EnumerateFiles(source))
            File.WriteAllBytes(System.IO.Path.Combine(this[name], System.IO.Path.GetFileName(file)), File.ReadAllBytes(file));
        return this[name];
    }

    /// <summary>Names of everything in the folder, hidden things too.</summary>
    public string[] Entries => [.. Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
