using System.Security.Cryptography;

namespace UmmRm.Data;

/// <summary>A file that data were read from, identified by content.</summary>
/// <param name="Path">The path as it was named.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256, lower-case hex: what <c>sha256sum</c> prints.</param>
public sealed record DataFile(string Path, long Bytes, string Sha256)
{
    /// <summary>Reads a file through to identify it.</summary>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    public static DataFile Of(string path)
    {
        using var stream = File.OpenRead(path);
        return new DataFile(path, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
