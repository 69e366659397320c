using UmmRm.Hub;

namespace UmmRm.Tests.Hub;

/// <summary>The reference client's variables (INTEROP, "Hugging Face hub").</summary>
public sealed class HubSettingsTests
{
    [Theory]
    [InlineData("/home/u/.cache/huggingface/hub")]
    [InlineData("/x/huggingface/hub", "XDG_CACHE_HOME=/x")]
    [InlineData("/hf/hub", "XDG_CACHE_HOME=/x", "HF_HOME=/hf")]
    [InlineData("/home/u/hf/hub", "HF_HOME=~/hf")]
    [InlineData("/c", "HF_HOME=/hf", "HF_HUB_CACHE=/c")]
    public void FromEnvironment_Cache_IsWhereTheReferenceClientKeepsIt(string cache, params string[] variables)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix paths");
        Assert.Equal(cache, From([.. variables, "HOME=/home/u"]).Cache);
    }

    [Fact]
    public void FromEnvironment_Token_ComesFromTheVariableElseTheFile()
    {
        var folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "token"), "hf_home\n");
            File.WriteAllText(Path.Combine(folder, "other"), "hf_path");
            Assert.Equal("hf_home", From($"HF_HOME={folder}").Token);
            Assert.Equal("hf_path", From($"HF_HOME={folder}", $"HF_TOKEN_PATH={Path.Combine(folder, "other")}").Token);
            Assert.Equal("hf_word", From($"HF_HOME={folder}", "HF_TOKEN= hf_word\n").Token);
            Assert.Null(From($"HF_HOME={folder}", $"HF_TOKEN_PATH={Path.Combine(folder, "none")}").Token);
            Assert.DoesNotContain("secret", Assert.Throws<ArgumentException>(() => From("HF_TOKEN=secret\nX: y")).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void FromEnvironment_EndpointAndOffline_AreRead()
    {
        Assert.Equal(("https://huggingface.co/", false), (From().Endpoint.ToString(), From().Offline));
        Assert.Equal("https://mirror.example/hf/", From("HF_ENDPOINT=https://mirror.example/hf").Endpoint.ToString());
        Assert.Throws<ArgumentException>(() => From("HF_ENDPOINT=mirror"));
        Assert.All((string[])["1", "true", "Yes", "ON"], word => Assert.True(From($"HF_HUB_OFFLINE={word}").Offline));
        Assert.False(From("HF_HUB_OFFLINE=0").Offline);
    }

    [Theory]
    [InlineData("org/name", "org/name", "main")]
    [InlineData("TinyLlama/TinyLlama-1.1B@refs/pr/1", "TinyLlama/TinyLlama-1.1B", "refs/pr/1")]
    [InlineData("./name", null, null)]
    [InlineData("/name", null, null)]
    [InlineData("name", null, null)]
    [InlineData("a/b/c", null, null)]
    [InlineData("data/pairs.jsonl", null, null)]
    [InlineData("org/..", null, null)]
    [InlineData("org/name@../../x", null, null)]
    public void Parse_Repository_IsNameAndRevisionAndNoPath(string text, string? name, string? revision)
    {
        var repository = HubRepository.Parse(HubKind.Model, text);
        Assert.Equal((name, revision), (repository?.Name, repository?.Revision));
        Assert.True(repository is null || repository.ToString() == text);
    }

    private static HubSettings From(params string[] variables) => HubSettings.FromEnvironment(variables.Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]).GetValueOrDefault);
}
