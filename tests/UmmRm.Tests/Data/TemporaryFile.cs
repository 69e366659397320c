using UmmRm.Data;

namespace UmmRm.Tests.Data;

/// <summary>A file that a test writes and that goes away with it.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;

    public TemporaryFile(string name, string text) : this(name, System.Text.Encoding.UTF8.GetBytes(text)) { }

    public TemporaryFile(string name, byte[] bytes)
    {
        Path = System.IO.Path.Combine(_folder, name);
        File.WriteAllBytes(Path, bytes);
    }

    public string Path { get; }

    public DataSource Source => new(Path);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
