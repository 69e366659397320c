using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>The server as a process: how it says where it is, and how it ends.</summary>
public sealed class ServeExecutableTests : IDisposable
{
    private const int Texts = 1500;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60); // what is in flight gets 30
    private readonly TinyModels _models = new();

    [Fact]
    public async Task Serve_TerminatedWithARequestInFlight_AnswersItAndExitsWithZero()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix signals");
        using var process = Start("serve", "--model", _models.Reward(), "--port", "0", "--json", "--deterministic", "--workers", "1", "--max-texts", $"{Texts}", "--queue", $"{Texts}");
        var said = process.StandardError.ReadToEndAsync(Cancel);
        using var client = new HttpClient { BaseAddress = await Address(process) };
        using var content = new StringContent($$"""{"query": [{{string.Join(',', Enumerable.Range(0, Texts).Select(i => $"\"{TinyModels.Words(i, 120)}\""))}}]}""");
        var asked = client.PostAsync("/get_reward", content, Cancel);
        while (await Metric(client, "ummrm_texts_total") == 0)
            await Task.Delay(1, Cancel);
        Assert.InRange(await Metric(client, "ummrm_queue_texts"), 1, Texts); // it is not answered yet

        using (var kill = Process.Start("kill", ["-s", "TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(Cancel);
        using var response = await asked.WaitAsync(Bound, Cancel);
        Assert.Equal(Texts, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["rewards"]!.AsArray().Count);
        await process.WaitForExitAsync(Cancel).WaitAsync(Bound, Cancel);
        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain("error", await said, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/health", Cancel));
    }

    public void Dispose() => _models.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "UmmRm.Cli"), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>The address that <c>--json</c> says when the server is ready.</summary>
    private static async Task<Uri> Address(Process process)
    {
        var said = "";
        while (await process.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            said += line;
            if (line.EndsWith('}'))
                return new Uri((string)JsonNode.Parse(said)!["url"]!);
        }
        throw new InvalidOperationException($"the server ended before it said where it is: {said}");
    }

    private static async Task<long> Metric(HttpClient client, string name) =>
        long.Parse((await client.GetStringAsync("/metrics", Cancel)).Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
}
