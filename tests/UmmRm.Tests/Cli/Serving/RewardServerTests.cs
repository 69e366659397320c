using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using UmmRm.Cli;
using UmmRm.Cli.Serving;
using UmmRm.Ppo;
using UmmRm.Weights;

namespace UmmRm.Tests.Cli.Serving;

public sealed class RewardServerTests : IDisposable
{
    private const double Close = 1e-5;
    private readonly TinyModels _models = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_ManyClientsAtOnce_ScoreEqualsTheTextAlone(bool deterministic)
    {
        await using var server = await RunningServer.Of(_models, new ServeSettings { Workers = 3, Deterministic = deterministic, TokenBudget = 300 });
        string[] texts = [.. Enumerable.Range(0, 60).Select(i => TinyModels.Words(i, 1 + (i * 11 % 100)))];
        var alone = new double[texts.Length];
        for (var i = 0; i < texts.Length; i++)
            alone[i] = await Reward(server, texts[i]);
        var together = await Task.WhenAll(texts.Concat(texts).Select(text => Reward(server, text)));
        for (var i = 0; i < together.Length; i++)
        {
            Assert.Equal(TinyModels.Score("llama-gqa", TinyModels.Ids(texts[i % 60])), together[i], Close);
            if (deterministic)
                Assert.Equal(alone[i % 60], together[i]); // to the last bit
        }
    }

    [Fact]
    public async Task Token_MissingOrWrong_Is401AndHealthAsksForNone()
    {
        var log = new List<string>();
        await using var server = await RunningServer.Of(_models, new ServeSettings { Token = "geheim" }, log.Add);
        const string Body = """{"query": ["w05"]}""";
        Assert.Equal(401, (await server.Post("/", Body)).Status);
        Assert.Equal(401, (await server.Post("/", Body, "geheim2")).Status);
        Assert.Equal(401, (await server.Post("/", Body, "")).Status);
        Assert.Equal(200, (await server.Post("/", Body, "geheim")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/metrics")).StatusCode);
        Assert.Equal("ok", await server.Client.GetStringAsync("/health"));
        Assert.DoesNotContain("geheim", string.Concat(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_BodyTextsAndTokens_AreSaidWithTheirNumbers()
    {
        await using var server = await RunningServer.Of(_models, new ServeSettings { MaxBodyBytes = 1 << 20, MaxTexts = 3 });
        var (status, answer) = await server.Post("/", $$"""{"query": ["{{string.Join(' ', Enumerable.Repeat("w05", 100_000))}}"]}""");
        Assert.Equal(422, status);
        Assert.Contains("100000 tokens; this model reads at most 128", (string)answer!["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(422, (await server.Post("/", """{"query": ["w05", "w05", "w05", "w05"]}""")).Status);
        (status, answer) = await server.Post("/", $$"""{"query": ["{{new string(' ', 1 << 20)}}"]}""");
        Assert.Equal(413, status);
        Assert.Contains("1048576 bytes", (string)answer!["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(TinyModels.Score("llama-gqa", 5), await Reward(server, "w05"), Close);
    }

    [Fact]
    public async Task Queue_Full_Is429WithRetryAfterAndTheOthersAreAnswered()
    {
        await using var server = await RunningServer.Of(_models, new ServeSettings { QueueLimit = 40, Deterministic = true });
        var many = string.Join(',', Enumerable.Range(0, 30).Select(i => $"\"{TinyModels.Words(i, 120)}\""));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using var content = new StringContent($$"""{"query": [{{many}}]}""", Encoding.UTF8, "application/json");
            using var response = await server.Client.PostAsync("/", content);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                Assert.InRange(int.Parse(response.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
            return (int)response.StatusCode;
        }));
        Assert.Contains(429, answers);
        Assert.Contains(200, answers);
        Assert.All(answers, status => Assert.Contains(status, (int[])[200, 429]));
        Assert.Equal(422, (await server.Post("/", $$"""{"query": [{{many}},{{many}}]}""")).Status); // would never fit
    }

    [Fact]
    public void Queue_ClientThatLeaves_FreesItsPlaces()
    {
        using var model = RunningServer.Model(_models.Reward(), "tiny");
        var queue = new BatchQueue(limit: 3, tokenBudget: 8);
        ScoreJob[] first = [Job(2), Job(4)], second = [Job(3), Job(4)];
        Assert.True(queue.TryAdd(first));
        Assert.False(queue.TryAdd(second));
        queue.Remove(first);
        Assert.True(queue.TryAdd(second));
        Assert.Equal(second, queue.Take()); // 2 texts x 4 tokens
        Assert.True(queue.TryAdd(first));
        Assert.True(queue.TryAdd([Job(5)]));
        Assert.Equal(first, queue.Take());
        Assert.Equal(5, Assert.Single(queue.Take()!).Length);
        queue.Close();
        Assert.Null(queue.Take());

        ScoreJob Job(int tokens) => new(model, [new int[tokens]]);
    }

    [Fact]
    public async Task Client_ThatLeaves_FreesItsPlacesInTheQueue()
    {
        const int Texts = 4000;
        await using var server = await RunningServer.Of(_models, new ServeSettings { Deterministic = true, QueueLimit = Texts, MaxTexts = Texts });
        var all = $$"""{"query": [{{string.Join(',', Enumerable.Range(0, Texts).Select(i => $"\"{TinyModels.Words(i, 120)}\""))}}]}""";
        using var left = new CancellationTokenSource();
        using var content = new StringContent(all);
        var asked = server.Client.PostAsync("/", content, left.Token);
        while (await Metric(server, "ummrm_texts_total") == 0)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.Equal(429, (await server.Post("/", all)).Status); // its places are taken
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        while (await Metric(server, "ummrm_queue_texts") > 0)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.InRange(await Metric(server, "ummrm_texts_total"), 1, Texts - 1); // the others were never scored
        Assert.Equal(TinyModels.Score("llama-gqa", 5), await Reward(server, "w05"), Close);
        Assert.Contains("ummrm_requests_total{protocol=\"/\",status=\"499\"} 1\n", await server.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WithRequestsInFlight_AnswersThem()
    {
        var server = await RunningServer.Of(_models, new ServeSettings { Deterministic = true });
        var many = string.Join(',', Enumerable.Range(0, 200).Select(i => $"\"{TinyModels.Words(i, 120)}\""));
        var asked = server.Client.PostAsync("/", new StringContent($$"""{"query": [{{many}}]}"""));
        while (await Metric(server, "ummrm_texts_total") == 0)
            await Task.Delay(1);
        var client = server.Client;
        var stopped = Task.Run(async () => await server.StopKeepingClient());
        using var response = await asked;
        Assert.Equal(200, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["rewards"]!.AsArray().Count);
        await stopped;
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/health"));
        client.Dispose();
    }

    [Fact]
    public async Task Shape_SigmoidAgainstTheReference_IsAppliedToTheScoreAlone()
    {
        var folder = _models.Reward();
        new RewardMetadata { Template = "raw", AppendEos = true, Normalisation = new ScoreNormalisation(0.25, 2, 10) }.Write(folder);
        var settings = new ServeSettings { Details = true, Shaping = model => RewardShaping.Sigmoid([[model.Reference!.Mean]]) };
        await using var server = await RunningServer.Of(settings, null, RunningServer.Model(folder, "one"));
        var answer = await server.Ask("/", """{"query": ["w05 w06"]}""");
        var raw = TinyModels.Score("llama-gqa", 5, 6);
        Assert.Equal(1 / (1 + Math.Exp(0.25 - raw)), (double)answer["rewards"]![0]!, Close);
        Assert.Equal((raw - 0.25) / 2, (double)answer["extra_logs"]!["z_score"]![0]!, Close);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_OfRequests_HasTextsOnlyWhereAskedFor(bool texts)
    {
        var log = new List<string>();
        await using (var server = await RunningServer.Of(_models, new ServeSettings { LogTexts = texts }, log.Add))
        {
            await server.Ask("/", """{"query": ["w05 w06"]}""");
            Assert.Equal(422, (await server.Post("/", """{"query": ["w05 secret"]}""")).Status);
        }
        Assert.StartsWith("1 POST / 200 1 texts", log[0], StringComparison.Ordinal);
        Assert.Equal(texts, string.Concat(log).Contains("w06", StringComparison.Ordinal));
        Assert.Equal(texts, string.Concat(log).Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_AfterRequests_CountThem()
    {
        await using var server = await RunningServer.Of(_models);
        await Reward(server, "w05 w06 w07");
        await server.Post("/classify", "{}");
        var lines = (await server.Client.GetStringAsync("/metrics")).Split('\n');
        Assert.Contains("ummrm_requests_total{protocol=\"/get_reward\",status=\"200\"} 1", lines);
        Assert.Contains("ummrm_requests_total{protocol=\"/classify\",status=\"422\"} 1", lines);
        Assert.Contains("ummrm_texts_total 1", lines);
        Assert.Contains("ummrm_tokens_total 3", lines);
        Assert.Contains("ummrm_request_seconds_count 1", lines);
        Assert.Contains("ummrm_queue_texts 0", lines);
    }

    [Theory]
    [InlineData("--model is missing")]
    [InlineData("--shape-bound belongs to --shape clip", "--model", "MODEL", "--shape-bound", "2")]
    [InlineData("records none in its reward.json", "--model", "MODEL", "--shape", "sigmoid")]
    [InlineData("two models are called a", "--model", "a=MODEL", "a=MODEL")]
    [InlineData("--host is 'nowhere'", "--model", "MODEL", "--host", "nowhere")]
    [InlineData("--reward-path is 'x'", "--model", "MODEL", "--reward-path", "x")]
    [InlineData("an ensemble has at least two", "--models", "MODEL")]
    [InlineData("--expert-spread belongs to a mixture", "--model", "MODEL", "--expert-spread")]
    public void Command_OptionsThatContradict_AreWrongUsage(string message, params string[] options)
    {
        var run = CommandRun.Of(["serve", "--port", "0", .. options.Select(option => option.Replace("MODEL", _models.Reward(), StringComparison.Ordinal))]);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();

    private static async Task<long> Metric(RunningServer server, string name) =>
        long.Parse((await server.Client.GetStringAsync("/metrics")).Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);

    private static async Task<double> Reward(RunningServer server, string text) => (double)(await server.Ask("/get_reward", $$"""{"query": ["{{text}}"], "prompts": [""], "labels": [""]}"""))["rewards"]![0]!;
}
