using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using UmmRm.Cli.Serving;
using UmmRm.Recipes;
using UmmRm.Rewards;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>A server over tiny reference models in this process, and a client that sends bodies as they are.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly RewardServer _server;

    private RunningServer(RewardServer server) => (_server, Client) = (server, new HttpClient { BaseAddress = server.Address });

    public HttpClient Client { get; }

    /// <summary>Serves one model on a free port.</summary>
    public static Task<RunningServer> Of(TinyModels models, ServeSettings? settings = null, Action<string>? log = null) => Of(settings, log, Model(models.Reward(), "tiny", settings));

    public static Task<RunningServer> Of(ServeSettings? settings, Action<string>? log, params ServedModel[] models) => Failing(settings, log, null, models);

    /// <summary>A server that may fail: what it then logs is handed over.</summary>
    public static async Task<RunningServer> Failing(ServeSettings? settings, Action<string>? log, Action<string>? fail, params ServedModel[] models) =>
        new(await RewardServer.Start((settings ?? new ServeSettings()) with { Port = 0 }, models, fail ?? (what => Assert.Fail(what)), log));

    public static ServedModel Model(string folder, string name, ServeSettings? settings = null) => ServedModel.Of(name, folder, Reward(folder, settings));

    public static IRewardFunction Reward(string folder, ServeSettings? settings = null) => RewardFunctions.Open(folder, folder, tokenBudget: settings is { Deterministic: true } ? 1 : 8192);

    /// <summary>Posts a body; the answer's status and JSON.</summary>
    public async Task<(int Status, JsonNode? Body)> Post(string path, string body, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Client.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>Posts a body that must be answered with 200.</summary>
    public async Task<JsonNode> Ask(string path, string body)
    {
        var (status, answer) = await Post(path, body);
        Assert.True(status == 200, $"{path}: {status} {answer}");
        return answer!;
    }

    /// <summary>Stops the server; the client may go on asking.</summary>
    public ValueTask StopKeepingClient() => _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
