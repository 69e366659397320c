using System.Security.Cryptography;
using System.Text;

namespace UmmRm.Recipes;

/// <summary>SHA-256 of input files and folders. A file whose size and time are as before is not read again: the run folder remembers.</summary>
internal sealed class ContentHashes
{
    private readonly string _memory;
    private readonly Dictionary<string, Known> _known;
    private readonly Dictionary<string, string> _used = [];

    public ContentHashes(string runFolder)
    {
        _memory = Path.Combine(runFolder, "input-hashes.json");
        _known = RunJson.ReadIfWhole<Dictionary<string, Known>>(_memory) ?? [];
    }

    /// <summary>What was asked for, and its hash.</summary>
    public IReadOnlyDictionary<string, string> Used => _used;

    /// <summary>The hash of a file's bytes; of a folder: of the names and hashes of all files in it, hidden ones left out.</summary>
    public string Of(string path, CancellationToken cancellation)
    {
        if (_used.TryGetValue(path, out var used))
            return used;
        var hash = Directory.Exists(path) ? OfFolder(path, cancellation) : OfFile(path, cancellation);
        RunJson.Write(_memory, _known);
        return _used[path] = hash;
    }

    private string OfFolder(string path, CancellationToken cancellation)
    {
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetRelativePath(path, file).Replace('\\', '/'), File: file))
            .Where(file => !file.Name.Split('/').Any(part => part.StartsWith('.')))
            .OrderBy(file => file.Name, StringComparer.Ordinal);
        var lines = files.Select(file => $"{file.Name}\0{OfFile(file.File, cancellation)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private string OfFile(string path, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        if (_known.TryGetValue(path, out var known) && known.Size == file.Length && known.Written == file.LastWriteTimeUtc)
            return known.Hash;
        using var stream = file.OpenRead();
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        _known[path] = new Known(file.Length, file.LastWriteTimeUtc, hash);
        return hash;
    }

    private sealed record Known(long Size, DateTime Written, string Hash);
}
