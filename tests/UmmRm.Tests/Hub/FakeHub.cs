using System.Security.Cryptography;
using System.Text.Json;
using UmmRm.Hub;

namespace UmmRm.Tests.Hub;

/// <summary>
/// A hub on loopback with one repository: large files (LFS) are redirected to a second server, as the real one does; a test may answer any
/// request in its own way first.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    public const string Token = "hf_secretword";

    private readonly FakeServer _hub;
    private readonly FakeServer _elsewhere;
    private readonly string _folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;

    public FakeHub()
    {
        _elsewhere = new FakeServer(request => Misbehave?.Invoke(request, true) ?? Bytes(request, Files[Uri.UnescapeDataString(request.Path["/cdn/".Length..])]));
        _hub = new FakeServer(request => Misbehave?.Invoke(request, false) ?? Answer(request));
    }

    /// <summary>The repository: org/name, whatever its kind.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Answers a request in a test's own way, or leaves it with null. The second argument says whether it came to the other server.</summary>
    public Func<FakeRequest, bool, FakeAnswer?>? Misbehave { get; set; }

    public IReadOnlyList<FakeRequest> Requests => [.. _hub.Requests];

    public IReadOnlyList<FakeRequest> RequestsElsewhere => [.. _elsewhere.Requests];

    public Uri Address => _hub.Address;

    public string Cache => Path.Combine(_folder, "hub");

    /// <summary>Settings to ask this hub: hardly a pause between attempts.</summary>
    public HubSettings Settings => new() { Endpoint = Address, Cache = Cache, Token = Token, FirstPause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(10) };

    public static HubRepository Model(string text = "org/name") => HubRepository.Parse(HubKind.Model, text)!;

    public HubSnapshot FetchModel(HubSettings? settings = null, string repository = "org/name")
    {
        using var client = new HubClient(settings ?? Settings);
        return client.FetchModel(Model(repository));
    }

    /// <summary>Puts a model's files there, with weights of so many bytes that are no weights.</summary>
    public FakeHub WithModel(int bytes = 100_000)
    {
        Files["config.json"] = "{}"u8.ToArray();
        Files["tokenizer.json"] = "{ \"t\": 1 }"u8.ToArray();
        Files["README.md"] = "# not needed"u8.ToArray();
        Files["pytorch_model.bin"] = new byte[10];
        Files["model.safetensors"] = Noise(bytes);
        return this;
    }

    public static byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The etag of a file: its SHA-256 when it is large, 40 digits when it is small.</summary>
    public string ETag(string file) => IsLarge(file) ? Sha256(Files[file]) : Sha256(Files[file])[..40];

    /// <summary>A part of a file as a request's Range asks for it.</summary>
    public static FakeAnswer Bytes(FakeRequest request, byte[] bytes) =>
        request.Header("Range") is { } range && int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture) is var first
            ? first >= bytes.Length ? new FakeAnswer(416, "") : new FakeAnswer(206, bytes[first..], ("Content-Range", $"bytes {first}-{bytes.Length - 1}/{bytes.Length}"))
            : new FakeAnswer(200, bytes);

    public void Dispose()
    {
        _hub.Dispose();
        _elsewhere.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".gz", StringComparison.Ordinal) || file.EndsWith(".parquet", StringComparison.Ordinal);

    private FakeAnswer Answer(FakeRequest request)
    {
        var parts = request.Path.TrimStart('/').Split('/');
        if (parts[0] == "api" && parts is [_, _, "org", "name", "tree", ..])
            return new FakeAnswer(200, JsonSerializer.Serialize(Files.Select(file => new { type = "file", path = file.Key, size = file.Value.Length }).Cast<object>().Append(new { type = "directory", path = "data" })));
        if (parts[0] == "datasets")
            parts = parts[1..];
        if (parts is not ["org", "name", "resolve", var revision, .. var rest])
            return new FakeAnswer(404, "", ("X-Error-Code", "RepoNotFound"));
        if (revision is not ("main" or Commit))
            return new FakeAnswer(404, "", ("X-Error-Code", "RevisionNotFound"));
        var name = Uri.UnescapeDataString(string.Join('/', rest));
        if (!Files.TryGetValue(name, out var bytes))
            return new FakeAnswer(404, "", ("X-Error-Code", "EntryNotFound"), ("X-Repo-Commit", Commit));
        return IsLarge(name)
            ? new FakeAnswer(302, "", ("X-Repo-Commit", Commit), ("ETag", "\"of-the-redirection\""), ("X-Linked-ETag", $"\"{ETag(name)}\""), ("X-Linked-Size", $"{bytes.Length}"), ("Location", $"{_elsewhere.Address}cdn/{name}?signature=secret"))
            : Bytes(request, bytes) is var answer ? answer with { Headers = [.. answer.Headers, ("X-Repo-Commit", Commit), ("ETag", $"W/\"{ETag(name)}\"")] } : null!;
    }
}
