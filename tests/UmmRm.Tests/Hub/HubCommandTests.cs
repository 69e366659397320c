using System.Diagnostics;
using UmmRm.Tests.Cli;

namespace UmmRm.Tests.Hub;

/// <summary>The executable with the reference client's variables in its environment.</summary>
public sealed class HubCommandTests : IDisposable
{
    private readonly FakeHub _hub = new();
    private readonly TinyModels _models = new();

    public HubCommandTests()
    {
        foreach (var file in Directory.GetFiles(_models.Reward()))
            _hub.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
    }

    public void Dispose()
    {
        _models.Dispose();
        _hub.Dispose();
    }

    [Fact]
    public async Task Score_ModelById_IsTheFoldersScoreAndOfflineToo()
    {
        var rows = _models.Rows("rows.jsonl", """{"text": "w10 w11 w02"}""");
        var expected = CommandRun.Of("score", "--model", _models.Reward(), "--input", rows).Output;
        foreach (var offline in (string[])["0", "1"])
        {
            var (code, output, error) = await Run(offline, "score", "--model", "org/name", "--input", rows);
            Assert.Equal((0, expected, ""), (code, output, error));
        }
        Assert.All(_hub.Requests, request => Assert.Equal($"Bearer {FakeHub.Token}", request.Header("Authorization")));
    }

    [Fact]
    public async Task Export_ModelById_ReadsAsTheFolderAndTheCardNamesTheId()
    {
        var (code, _, error) = await Run("0", "export", "--model", "org/name", "--output", _models.Folder["out"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("# org/name\n", await File.ReadAllTextAsync(Path.Combine(_models.Folder["out"], "README.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var rows = _models.Rows("rows.jsonl", """{"text": "w10 w11 w02"}""");
        Assert.Equal(CommandRun.Of("score", "--model", _models.Reward(), "--input", rows).Output, CommandRun.Of("score", "--model", _models.Folder["out"], "--input", rows).Output);
    }

    [Fact]
    public async Task Score_ModelThatMayNotBeRead_FailsWithOneLineAndKeepsTheToken()
    {
        _hub.Misbehave = (_, _) => new FakeAnswer(403, FakeHub.Token);
        var (code, _, error) = await Run("0", "score", "--model", "org/name", "--verbose");
        Assert.Equal(1, code);
        Assert.StartsWith("error: org/name: the hub answers 403", error, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeHub.Token, error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> Run(string offline, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "UmmRm.Cli.exe" : "UmmRm.Cli"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new Dictionary<string, string> { ["HF_ENDPOINT"] = _hub.Address.ToString(), ["HF_HUB_CACHE"] = _hub.Cache, ["HF_TOKEN"] = FakeHub.Token, ["HF_HUB_OFFLINE"] = offline })
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
