using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using UmmRm.Cli.Serving;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>Whatever comes in, it is refused or closed, and the next score is the same to the last bit.</summary>
public sealed class HostileRequestTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public async Task Server_GarbageOnTheWire_IsAsBefore()
    {
        await using var server = await RunningServer.Of(_models, new ServeSettings { Deterministic = true });
        var before = await Score(server);
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
        {
            var bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            await Send(server, bytes);
        }
        await Send(server, [0x16, 3, 1, 0, 0xff, 0, 1, 2]); // the beginning of TLS
        await Send(server, "GET / HTTP/9.9\r\n\r\n"u8.ToArray());
        await Send(server, Encoding.ASCII.GetBytes($"GET /{new string('a', 100_000)} HTTP/1.1\r\nHost: a\r\n\r\n"));
        await Send(server, Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{new string('b', 100_000)}: c\r\n\r\n"));
        await Send(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}"u8.ToArray());
        await Send(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"u8.ToArray());
        using var half = new TcpClient();
        await half.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
        await half.GetStream().WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{\"query\": [\"w0"u8.ToArray());
        Assert.Equal(before, await Score(server)); // while half a request waits
        half.Close();
        Assert.Equal(before, await Score(server));
    }

    [Fact]
    public async Task Server_BodiesThatAreNone_RefusesEachWithAReason()
    {
        await using var server = await RunningServer.Of(_models, new ServeSettings { Deterministic = true });
        var before = await Score(server);
        var long_ = string.Join(' ', Enumerable.Repeat("w05", 100_000));
        foreach (var path in ServerRoutes.Protocols.Keys)
        {
            foreach (var body in (string[])
                     [
                         new string('[', 100_000),
                         string.Concat(Enumerable.Repeat("{\"query\":", 100_000)),
                         $"{{\"query\": {new string('[', 60)}{new string(']', 60)}}}",
                         $$"""{"query": ["{{long_}}"], "messages": ["{{long_}}"], "input": "{{long_}}", "queries": "{{long_}}", "documents": "w05", "inputs": "{{long_}}"}""",
                         """{"query": 1e999, "messages": {}, "input": 1e999, "queries": 1e999, "documents": null, "inputs": 1e999}""",
                         """{"query": [[]], "messages": [[]], "input": [[]], "queries": [[]], "documents": [[]], "inputs": [[[]]]}""",
                         """{"query": ["w05\ud800"], "messages": ["w05\ud800"], "input": "w05\ud800", "queries": "w05\ud800", "documents": "w05", "inputs": "w05\ud800"}""",
                         """{"input": [1e99], "query": [null], "messages": [null], "queries": [null], "documents": [true], "inputs": [false]}""",
                         """{"\ud800": 1}""",
                         "null",
                         "1",
                         "\u0000",
                     ])
            {
                var (status, answer) = await server.Post(path, body);
                Assert.True(status is 400 or 422, $"{path} {body[..Math.Min(60, body.Length)]}: {status} {answer}");
                Assert.NotEmpty((string)answer!["error"]!["message"]!);
            }
        }
        Assert.Equal(before, await Score(server));
    }

    [Fact]
    public async Task Server_BodiesMutatedAtRandom_NeverFails()
    {
        await using var server = await RunningServer.Of(_models, new ServeSettings { Deterministic = true });
        var before = await Score(server);
        var random = new Random(11);
        byte[][] bodies = [.. ((string[])
        [
            """{"query": ["w05 w06"], "prompts": ["w05 "], "labels": [null]}""",
            """{"model": "m", "messages": [{"role": "user", "content": "w05 "}, {"role": "assistant", "content": "w06"}], "use_activation": false}""",
            """{"model": "m", "input": [[5, 6], [7]], "add_special_tokens": true}""",
            """{"queries": ["w05 "], "documents": ["w06"], "inputs": [["w05"], ["w06", "w07"]], "raw_scores": true}""",
        ]).Select(Encoding.UTF8.GetBytes)];
        string[] paths = [.. ServerRoutes.Protocols.Keys];
        for (var i = 0; i < 600; i++)
        {
            var body = (byte[])bodies[random.Next(bodies.Length)].Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
                body[random.Next(body.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "[]{}\",:0e\\nu "u8[random.Next(13)]);
            using var content = new ByteArrayContent(body, 0, random.Next(4) == 0 ? random.Next(body.Length) : body.Length);
            using var response = await server.Client.PostAsync(paths[random.Next(paths.Length)], content);
            Assert.True((int)response.StatusCode is 200 or 400 or 422, $"{response.StatusCode}: {Encoding.Latin1.GetString(body)}");
        }
        Assert.Equal(before, await Score(server));
    }

    [Fact]
    public async Task Failure_ThatIsNotTheClients_IsLoggedUnderTheIdThatTheAnswerCarriesWithoutTheText()
    {
        List<string> failures = [];
        using var reward = RunningServer.Reward(_models.Reward());
        await using var server = await RunningServer.Failing(null, null, failures.Add, new ServedModel("broken", reward));
        reward.Dispose(); // its weights are gone
        using var content = new StringContent("""{"query": ["w05 w06 w07"]}""");
        using var response = await server.Client.PostAsync("/", content);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        var id = response.Headers.GetValues("X-Request-Id").Single();
        Assert.Equal((500, id), ((int)response.StatusCode, (string?)error["request_id"]));
        Assert.Contains($"request {id}", (string)error["message"]!, StringComparison.Ordinal);
        var logged = Assert.Single(failures);
        Assert.StartsWith($"request {id}: ", logged, StringComparison.Ordinal);
        Assert.Contains("Exception", logged, StringComparison.Ordinal);
        Assert.Contains("at UmmRm.", logged, StringComparison.Ordinal); // where
        Assert.DoesNotContain("w06", logged, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();

    private static async Task<double> Score(RunningServer server) => (double)(await server.Ask("/", """{"query": ["w05 w06 w07"]}"""))["rewards"]![0]!;

    /// <summary>Bytes on a connection of their own; whatever the server answers, if anything, is read until it closes or is silent.</summary>
    private static async Task Send(RunningServer server, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
        try
        {
            await client.GetStream().WriteAsync(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            await client.GetStream().CopyToAsync(Stream.Null);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // the server closed it first
        }
    }
}
