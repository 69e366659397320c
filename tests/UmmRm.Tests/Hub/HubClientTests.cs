using System.Collections.Concurrent;
using System.Diagnostics;
using UmmRm.Hub;

namespace UmmRm.Tests.Hub;

public sealed class HubClientTests : IDisposable
{
    private readonly FakeHub _hub = new FakeHub().WithModel();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public void FetchModel_EmptyCache_FetchesWhatIsNeededIntoTheReferenceLayout()
    {
        var snapshot = _hub.FetchModel();
        var repository = Path.Combine(_hub.Cache, "models--org--name");
        Assert.Equal(Path.Combine(repository, "snapshots", FakeHub.Commit), snapshot.Folder);
        Assert.Equal($"org/name@{FakeHub.Commit}", snapshot.Identity);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(snapshot.Folder).Select(Path.GetFileName).Order()); // no README, no pickle
        foreach (var file in Directory.GetFiles(snapshot.Folder))
        {
            var name = Path.GetFileName(file);
            Assert.Equal(_hub.Files[name], File.ReadAllBytes(file));
            Assert.Equal(Path.Combine("..", "..", "blobs", _hub.ETag(name)), new FileInfo(file).LinkTarget);
        }
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(repository, "refs", "main")));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(repository, "blobs")), file => file.EndsWith(".incomplete", StringComparison.Ordinal));
    }

    [Fact]
    public void FetchModel_TokenAndSignature_StayWhereTheyBelong()
    {
        _hub.FetchModel();
        Assert.All(_hub.Requests, request => Assert.Equal($"Bearer {FakeHub.Token}", request.Header("Authorization")));
        Assert.All(_hub.Requests, request => Assert.Equal("identity", request.Header("Accept-Encoding")));
        Assert.NotEmpty(_hub.RequestsElsewhere);
        Assert.All(_hub.RequestsElsewhere, request => Assert.Null(request.Header("Authorization")));
        Assert.DoesNotContain(FakeHub.Token, _hub.Settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FetchModel_CacheOfTheReferenceClient_IsFoundWithOneListAndOneHead()
    {
        LayOut("config.json", "tokenizer.json", "model.safetensors");
        _hub.FetchModel();
        Assert.Equal(["GET /api/models/org/name/tree/main", "HEAD /org/name/resolve/main/config.json"], _hub.Requests.Select(r => r.ToString()));
        Assert.Empty(_hub.RequestsElsewhere);
    }

    [Fact]
    public void FetchModel_Offline_TakesTheCacheAndAsksNobody()
    {
        LayOut("config.json", "tokenizer.json", "model.safetensors");
        var offline = _hub.Settings with { Offline = true };
        Assert.Equal(Path.Combine(_hub.Cache, "models--org--name", "snapshots", FakeHub.Commit), _hub.FetchModel(offline).Folder);
        Assert.Equal(FakeHub.Commit, _hub.FetchModel(offline, $"org/name@{FakeHub.Commit}").Commit);
        Assert.Contains("HF_HUB_OFFLINE is set", Refused(offline, "org/other"), StringComparison.Ordinal);
        Assert.Contains("HF_HUB_OFFLINE is set", Refused(offline, "org/name@v2"), StringComparison.Ordinal);
        Directory.Delete(_hub.Cache, recursive: true);
        LayOut("config.json");
        Assert.Contains("HF_HUB_OFFLINE is set", Refused(offline), StringComparison.Ordinal); // a copy without weights is no model
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public void FetchModel_NobodyAnswers_TakesTheCacheAndSaysSo()
    {
        LayOut("config.json", "tokenizer.json", "model.safetensors");
        var nowhere = _hub.Settings with { Endpoint = new Uri("http://127.0.0.1:9/"), Attempts = 2 };
        Assert.Contains("cannot be reached", _hub.FetchModel(nowhere).FromCache, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", Refused(nowhere, "org/other"), StringComparison.Ordinal);
    }

    [Fact]
    public void FetchModel_CutAgainAndAgain_GoesOnWhereItStopped()
    {
        _hub.Misbehave = (request, elsewhere) => elsewhere && FakeHub.Bytes(request, _hub.Files["model.safetensors"]) is { Body.Length: > 10_000 } answer ? answer with { CutAfter = 10_000 } : null;
        var snapshot = _hub.FetchModel(); // more cuts than attempts: each goes further
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i == 0 ? null : $"bytes={10_000 * i}-"), _hub.RequestsElsewhere.Select(r => r.Header("Range")));
    }

    [Fact]
    public void FetchModel_PartOfAnEarlierRun_IsCompletedOrBegunAnewWhenTheServerDoes()
    {
        var weights = _hub.Files["model.safetensors"];
        LeavePart(weights[..60_000]);
        _hub.FetchModel();
        Assert.Equal("bytes=60000-", Assert.Single(_hub.RequestsElsewhere).Header("Range"));

        Directory.Delete(_hub.Cache, recursive: true);
        LeavePart(new byte[60_000]); // not the file's own bytes: only beginning anew makes it right
        _hub.Misbehave = (_, elsewhere) => elsewhere ? new FakeAnswer(200, weights) : null;
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(_hub.FetchModel().Folder, "model.safetensors")));
    }

    [Fact]
    public void FetchModel_DamagedBytes_AreThrownAwayAndFetchedAgain()
    {
        LeavePart(new byte[60_000]); // the rest fits, the whole does not
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(_hub.FetchModel().Folder, "model.safetensors")));
        Assert.Equal(["bytes=60000-", null], _hub.RequestsElsewhere.Select(r => r.Header("Range")));
    }

    [Fact]
    public void FetchModel_AlwaysDamaged_IsRefusedWithBothHashesAndLeavesNothing()
    {
        _hub.Misbehave = (_, elsewhere) => elsewhere ? new FakeAnswer(200, new byte[100_000]) : null;
        var message = Refused(_hub.Settings);
        Assert.Contains(FakeHub.Sha256(new byte[100_000]), message, StringComparison.Ordinal);
        Assert.Contains(_hub.ETag("model.safetensors"), message, StringComparison.Ordinal);
        Assert.False(File.Exists(Blob("model.safetensors")));
        Assert.False(File.Exists(Blob("model.safetensors") + ".incomplete"));
        Assert.False(File.Exists(Path.Combine(_hub.Cache, "models--org--name", "refs", "main"))); // what is not whole is not what main stands for
        Assert.Equal(5, _hub.RequestsElsewhere.Count);
    }

    [Theory]
    [InlineData(40_000, null)] // less than the file has, and no more to come
    [InlineData(100_000, 120_000)] // ends before the length that it claims
    [InlineData(150_000, null)] // more than the file has
    public void FetchModel_LengthThatIsALie_IsRefused(int sent, int? claimed)
    {
        _hub.Misbehave = (request, elsewhere) => !elsewhere ? null : request.Header("Range") is null ? new FakeAnswer(200, [.. _hub.Files["model.safetensors"], .. new byte[50_000]]) { ClaimedLength = claimed ?? sent, CutAfter = sent } : new FakeAnswer(503, "");
        if (claimed is not null)
            Assert.True(File.Exists(Path.Combine(_hub.FetchModel().Folder, "model.safetensors"))); // all bytes are there, whatever was claimed
        else
            Assert.Contains("model.safetensors", Refused(_hub.Settings), StringComparison.Ordinal);
    }

    [Fact]
    public void FetchModel_BusyServer_IsAskedAgainAfterThePauseItAsksFor()
    {
        var refusals = new ConcurrentQueue<FakeAnswer>([new(503, ""), new(429, "", ("Retry-After", "1"))]);
        _hub.Misbehave = (_, _) => refusals.TryDequeue(out var refusal) ? refusal : null;
        var clock = Stopwatch.StartNew();
        _hub.FetchModel();
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(0.99), $"{clock.Elapsed}");

        _hub.Misbehave = (_, _) => new FakeAnswer(429, "", ("Retry-After", "3600"));
        var before = _hub.Requests.Count;
        Assert.Contains("3600 s", Refused(_hub.Settings), StringComparison.Ordinal);
        Assert.Equal(before + 1, _hub.Requests.Count); // nobody waits for an hour
    }

    [Fact]
    public void FetchModel_SilentServer_IsLeft()
    {
        _hub.Misbehave = (_, _) => new FakeAnswer(200, "") { Delay = TimeSpan.FromSeconds(5) };
        Assert.Contains("does not answer", Refused(_hub.Settings with { Patience = TimeSpan.FromSeconds(0.1), Attempts = 2 }), StringComparison.Ordinal);
    }

    [Fact]
    public void FetchModel_MayNotBeRead_SaysWhatToDoAndNotTheToken()
    {
        _hub.Misbehave = (_, _) => new FakeAnswer(401, "", ("X-Error-Code", "GatedRepo"));
        Assert.Contains("set HF_TOKEN", Refused(_hub.Settings with { Token = null }), StringComparison.Ordinal);
        var message = Refused(_hub.Settings);
        Assert.Contains("the token (from HF_TOKEN or HF_TOKEN_PATH) may not read it", message, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeHub.Token, message, StringComparison.Ordinal);
        Assert.Equal(2, _hub.Requests.Count); // asking again would not help
    }

    [Fact]
    public void FetchModel_NotThere_NamesWhatIsMissing()
    {
        Assert.Contains("no such model", Refused(_hub.Settings, "org/other"), StringComparison.Ordinal);
        _hub.Files.Remove("model.safetensors");
        Assert.Contains("pytorch_model.bin", Refused(_hub.Settings), StringComparison.Ordinal);
        _hub.Files.Remove("pytorch_model.bin");
        Assert.Contains("neither model.safetensors nor model.safetensors.index.json", Refused(_hub.Settings), StringComparison.Ordinal);
        _hub.Files.Remove("config.json");
        Assert.Contains("config.json", Refused(_hub.Settings), StringComparison.Ordinal);
        _hub.Files["adapter_config.json"] = [];
        Assert.Contains("LoRA adapter", Refused(_hub.Settings), StringComparison.Ordinal);
    }

    [Fact]
    public void FetchModel_Shards_AreThoseOfTheIndex()
    {
        _hub.Files.Remove("model.safetensors");
        _hub.Files["model-1.safetensors"] = FakeHub.Noise(10);
        _hub.Files["model-2.safetensors"] = FakeHub.Noise(20);
        _hub.Files["consolidated.safetensors"] = FakeHub.Noise(30);
        _hub.Files["model.safetensors.index.json"] = """{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}"""u8.ToArray();
        Assert.Equal(["config.json", "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json", "tokenizer.json"], Directory.GetFiles(_hub.FetchModel().Folder).Select(Path.GetFileName).Order());
        _hub.Files["model.safetensors.index.json"] = """{"weight_map": {"a": "../../evil.safetensors"}}"""u8.ToArray();
        Assert.Contains("in the same folder", Refused(_hub.Settings with { Cache = _hub.Cache + "2" }), StringComparison.Ordinal);
    }

    [Fact]
    public void FetchModel_HostileNames_DoNotLeaveTheCache()
    {
        _hub.Misbehave = (request, _) => request.Method == "HEAD" ? new FakeAnswer(200, "", ("X-Repo-Commit", "../../../../tmp/x"), ("ETag", "\"a\"")) : null;
        Assert.Contains("40 hexadecimal digits", Refused(_hub.Settings), StringComparison.Ordinal);
        _hub.Misbehave = (request, _) => request.Method == "HEAD" ? new FakeAnswer(200, "", ("X-Repo-Commit", FakeHub.Commit), ("ETag", "\"../../a\"")) : null;
        Assert.Contains("letters and digits", Refused(_hub.Settings), StringComparison.Ordinal);
        _hub.Files["../../../x"] = [1];
        _hub.Misbehave = null;
        using var client = new HubClient(_hub.Settings);
        Assert.Contains("stays in its folder", Assert.Throws<HubException>(() => client.Fetch(FakeHub.Model(), _ => ["config.json", "../../../x"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchModel_TwoAtOnce_FetchTheBytesOnce()
    {
        _hub.Misbehave = (request, elsewhere) => elsewhere ? FakeHub.Bytes(request, _hub.Files["model.safetensors"]) with { Delay = TimeSpan.FromMilliseconds(200) } : null;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => _hub.FetchModel())));
        Assert.Single(_hub.RequestsElsewhere);
    }

    [Fact]
    public void Fetch_ListOfSeveralPages_IsReadToItsEnd()
    {
        _hub.Misbehave = (request, _) => request.Target.Contains("cursor", StringComparison.Ordinal) ? new FakeAnswer(200, """[{"type": "file", "path": "config.json"}]""")
            : request.Path.StartsWith("/api", StringComparison.Ordinal) ? new FakeAnswer(200, """[{"type": "file", "path": "a"}]""", ("Link", $"<{_hub.Address}api/models/org/name/tree/main?recursive=true&cursor=x>; rel=\"next\"")) : null;
        using var client = new HubClient(_hub.Settings);
        IReadOnlyList<string>? names = null;
        client.Fetch(FakeHub.Model(), all =>
        {
            names = all;
            return ["config.json"];
        });
        Assert.Equal(["a", "config.json"], names);
    }

    [Fact]
    public void Fetch_BranchMovesMeanwhile_StaysAtTheFirstCommit()
    {
        using var client = new HubClient(_hub.Settings);
        client.Fetch(FakeHub.Model(), _ => ["config.json"]);
        _hub.Misbehave = (request, _) => request.Path.Contains("/resolve/main/", StringComparison.Ordinal) ? new FakeAnswer(200, "", ("X-Repo-Commit", new string('f', 40)), ("ETag", "\"a\"")) : null;
        Assert.Equal(FakeHub.Commit, client.Fetch(FakeHub.Model(), _ => ["tokenizer.json"]).Commit);
        Assert.Single(_hub.Requests, request => request.Method == "GET" && request.Path.StartsWith("/api", StringComparison.Ordinal));
    }

    [Fact]
    public void Fetch_RenamedRepository_IsFollowedOnTheSameServer()
    {
        _hub.Misbehave = (request, _) => request.Path.Contains("/old/", StringComparison.Ordinal) ? new FakeAnswer(307, "", ("Location", request.Target.Replace("/old/", "/name/", StringComparison.Ordinal))) : null;
        Assert.Equal(FakeHub.Commit, _hub.FetchModel(repository: "org/old").Commit);
        _hub.Misbehave = (request, _) => new FakeAnswer(307, "", ("Location", request.Target));
        Assert.Contains("redirects more than", Refused(_hub.Settings with { Cache = _hub.Cache + "2" }), StringComparison.Ordinal);
    }

    private string Refused(HubSettings settings, string repository = "org/name") => Assert.Throws<HubException>(() => _hub.FetchModel(settings, repository)).Message;

    private string Blob(string file) => Path.Combine(_hub.Cache, "models--org--name", "blobs", _hub.ETag(file));

    private void LeavePart(byte[] bytes)
    {
        Directory.CreateDirectory(Path.Combine(_hub.Cache, "models--org--name", "blobs"));
        File.WriteAllBytes(Blob("model.safetensors") + ".incomplete", bytes);
    }

    /// <summary>The cache as huggingface_hub leaves it.</summary>
    private void LayOut(params string[] files)
    {
        var repository = Path.Combine(_hub.Cache, "models--org--name");
        var snapshot = Path.Combine(repository, "snapshots", FakeHub.Commit);
        foreach (var folder in (string[])[snapshot, Path.Combine(repository, "blobs"), Path.Combine(repository, "refs")])
            Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(repository, "refs", "main"), FakeHub.Commit);
        foreach (var file in files)
        {
            File.WriteAllBytes(Blob(file), _hub.Files[file]);
            File.CreateSymbolicLink(Path.Combine(snapshot, file), $"../../blobs/{_hub.ETag(file)}");
        }
    }
}
