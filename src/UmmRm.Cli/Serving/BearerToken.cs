using System.Security.Cryptography;
using System.Text;

namespace UmmRm.Cli.Serving;

/// <summary>The secret that clients must know. Compared by its hash in constant time; the secret itself is not kept.</summary>
internal sealed class BearerToken(string secret)
{
    private const string Scheme = "Bearer ";
    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Whether an Authorization header carries it.</summary>
    public bool IsIn(string? header) =>
        header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), _hash);
}
