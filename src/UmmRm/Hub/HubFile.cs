using System.Globalization;
using System.Net;

namespace UmmRm.Hub;

/// <summary>What the hub says of a file.</summary>
/// <param name="Commit">The commit that the revision stands for.</param>
/// <param name="ETag">The name of its bytes: their SHA-256 for large files, git's hash for small ones.</param>
/// <param name="Size">Its size in bytes; null when the hub does not say.</param>
internal sealed record HubFile(string Commit, string ETag, long? Size)
{
    /// <summary>Reads the headers of the answer to a HEAD request.</summary>
    /// <exception cref="HubException">They are not a hub's.</exception>
    public static HubFile Of(HttpResponseMessage answer, Uri address, string what)
    {
        var commit = Header(answer, "X-Repo-Commit") ?? throw new HubException($"{what}: the answer names no commit (X-Repo-Commit); is {address.GetLeftPart(UriPartial.Authority)} a hub, as HF_ENDPOINT says, or does a proxy stand in between?");
        if (!HubRepository.IsCommit(commit))
            throw new HubException($"{what}: the hub gives the commit '{commit}'; expected 40 hexadecimal digits");
        var etag = Header(answer, "X-Linked-Etag") ?? Header(answer, "ETag") ?? throw new HubException($"{what}: the hub gives no ETag");
        var size = Header(answer, "X-Linked-Size") is { } linked && long.TryParse(linked, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes
            : answer.StatusCode == HttpStatusCode.OK ? answer.Content.Headers.ContentLength : null;
        return new HubFile(commit, Unquoted(etag), size);
    }

    /// <summary>Whether the etag is a SHA-256, so that the bytes can be checked.</summary>
    public bool HasSha256 => ETag.Length == 64 && ETag.All(char.IsAsciiHexDigitLower);

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString().Trim() : null;

    private static string Unquoted(string etag) => (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');
}
