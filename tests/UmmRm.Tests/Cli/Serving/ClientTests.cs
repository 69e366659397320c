using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>
/// Requests exactly as the clients' own code writes them (path, body with its separators and escapes, headers), read from their sources in the versions that docs/serving.md names, and
/// the answer taken apart as that code does. The expected scores are the reference model's own forward pass on one text alone.
/// </summary>
public sealed class ClientTests : IDisposable
{
    private const double Close = 1e-5;
    private readonly TinyModels _models = new();

    private static double Gqa(params int[] ids) => TinyModels.Score("llama-gqa", ids);

    /// <summary>0.10, SingleTurnAgentExecutor: one sample a request, sent by aiohttp; <c>rewards</c>, then <c>scores or rewards</c>, then <c>extra_logs or {}</c>.</summary>
    [Fact]
    public async Task OpenRlhf_OneSampleARequest_ReadsRewardsScoresAndLogs()
    {
        await using var server = await RunningServer.Of(_models);
        var answer = await Post(server, "/get_reward", """{"query": ["w01 w05 w06 w02"], "prompts": ["w01 w05 "], "labels": [""]}""", Aiohttp);
        Assert.Equal(Gqa(1, 5, 6, 2), (double)Assert.Single(answer["rewards"]!.AsArray())!, Close);
        Assert.Equal(Gqa(1, 5, 6, 2), (double)Assert.Single(answer["scores"]!.AsArray())!, Close);
        Assert.Empty(answer["extra_logs"]!.AsObject());
    }

    /// <summary>The same with several addresses: the samples are shared out, and the last address may get none.</summary>
    [Fact]
    public async Task OpenRlhf_NothingLeftForThisServer_IsAnEmptyList()
    {
        await using var server = await RunningServer.Of(_models);
        Assert.Empty((await Post(server, "/get_reward", """{"query": [], "prompts": [], "labels": []}""", Aiohttp))["rewards"]!.AsArray());
    }

    /// <summary>Before there were agent executors, remote_rm_fn: a micro-batch a request, sent by requests; before labels were added, the queries alone.</summary>
    [Theory]
    [InlineData("""{"query": ["w01 w05 w06 w02", "w01 w09 w02"], "prompts": ["w01 w05 ", "w01 "], "labels": [null, null]}""")]
    [InlineData("""{"query": ["w01 w05 w06 w02", "w01 w09 w02"]}""")]
    public async Task OpenRlhfOlder_BatchesOfSamples_ReadsRewards(string body)
    {
        await using var server = await RunningServer.Of(_models);
        var rewards = (await Post(server, "/get_reward", body, Requests))["rewards"]!;
        Assert.Equal((2, Gqa(1, 5, 6, 2), Gqa(1, 9, 2)), (rewards.AsArray().Count, (double)rewards[0]!, (double)rewards[1]!), Near);
    }

    /// <summary>get_rewards_from_server: model is always "model", messages are decoded texts with their special tokens.</summary>
    [Fact]
    public async Task LlamaFactory_RewardModelTypeApi_ReadsScores()
    {
        await using var server = await RunningServer.Of(_models);
        var scores = (await Post(server, "/v1/score/evaluation", """{"model": "model", "messages": ["w01 w05 w06 w02", "w01 w09 w02"]}""", Requests))["scores"]!;
        Assert.Equal((2, Gqa(1, 5, 6, 2), Gqa(1, 9, 2)), (scores.AsArray().Count, (double)scores[0]!, (double)scores[1]!), Near);
    }

    /// <summary>RewardLoopWorker.compute_score_disrm with vLLM: the chat's text without its begin token, for the tokenizer adds it; <c>activation</c> up to 0.7.0, <c>use_activation</c> since.</summary>
    [Theory]
    [InlineData("""{"model": "/models/reward", "input": "w05 w06 w02", "activation": false}""")]
    [InlineData("""{"model": "/models/reward", "input": "w05 w06 w02", "use_activation": false}""")]
    public async Task Verl_RewardLoopWithVllm_ReadsTheLastProbability(string body)
    {
        await using var server = await RunningServer.Of(_models);
        Assert.Equal(Gqa(5, 6, 2), (double)(await Post(server, "/classify", body, Aiohttp))["data"]!.AsArray()[^1]!["probs"]!.AsArray()[^1]!, Close);
    }

    /// <summary>The same with SGLang: the reward is the last component of an embedding.</summary>
    [Fact]
    public async Task Verl_RewardLoopWithSGLang_ReadsTheLastEmbedding()
    {
        await using var server = await RunningServer.Of(_models);
        var answer = await Post(server, "/v1/embeddings", """{"model": "/models/reward", "input": "w05 w06 w02"}""", Aiohttp);
        Assert.Equal(Gqa(5, 6, 2), (double)answer["data"]!.AsArray()[^1]!["embedding"]!.AsArray()[^1]!, Close);
    }

    /// <summary>The reward function of docs/serving.md, called as verl's naive reward manager calls it.</summary>
    [Fact]
    public async Task Verl_RewardFunctionOfTheDocs_ReturnsTheScore()
    {
        await using var server = await RunningServer.Of(_models);
        var printed = await Python(server, "## verl", """
            print(compute_score(data_source="d", solution_str="w07", ground_truth="g", extra_info={"question": "w05 ", "index": 3}))
            """);
        Assert.Equal(Gqa(5, 7, 2), double.Parse(printed, System.Globalization.CultureInfo.InvariantCulture), Close);
    }

    /// <summary>The reward function of docs/serving.md, called as GRPOTrainer calls it: keywords, with columns and the trainer's state beside; plain and conversational data.</summary>
    [Theory]
    [InlineData("""prompts=["w05 ", "w05 "], completions=["w07", "w08"]""")]
    [InlineData("""prompts=[[{"role": "user", "content": "w05 "}]] * 2, completions=[[{"role": "assistant", "content": "w07"}], [{"role": "assistant", "content": "w08"}]]""")]
    public async Task Trl_RewardFunctionOfTheDocs_ReturnsAListOfScores(string arguments)
    {
        await using var server = await RunningServer.Of(_models);
        var printed = await Python(server, "## TRL", $"import json\nprint(json.dumps(ummrm_reward({arguments}, completion_ids=[[7], [8]], answer=[1, 2], trainer_state=None)))");
        var scores = JsonNode.Parse(printed)!;
        Assert.Equal((2, Gqa(5, 7, 2), Gqa(5, 8, 2)), (scores.AsArray().Count, (double)scores[0]!, (double)scores[1]!), Near);
    }

    public void Dispose() => _models.Dispose();

    private static bool Near((int Count, double A, double B) expected, (int Count, double A, double B) found) =>
        expected.Count == found.Count && Math.Abs(expected.A - found.A) < Close && Math.Abs(expected.B - found.B) < Close;

    private static void Aiohttp(HttpRequestMessage request) => Headers(request, "Python/3.11 aiohttp/3.12.15", "gzip, deflate");

    private static void Requests(HttpRequestMessage request) => Headers(request, "python-requests/2.32.3", "gzip, deflate");

    private static void Headers(HttpRequestMessage request, string agent, string encodings)
    {
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", encodings);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
    }

    private static async Task<JsonNode> Post(RunningServer server, string path, string body, Action<HttpRequestMessage> client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, new UTF8Encoding(false)) };
        client(request);
        using var response = await server.Client.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        return JsonNode.Parse(answer)!;
    }

    /// <summary>Runs the first Python block under a heading of docs/serving.md, with the server's address in place of the one there, and then a line.</summary>
    private static async Task<string> Python(RunningServer server, string heading, string then)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "serving.md"));
        var block = text[text.IndexOf($"\n{heading}\n", StringComparison.Ordinal)..];
        block = block[(block.IndexOf("```python\n", StringComparison.Ordinal) + "```python\n".Length)..];
        block = block[..block.IndexOf("```", StringComparison.Ordinal)];
        block = string.Concat(block.Split('\n').TakeWhile(line => !line.StartsWith("trainer = ", StringComparison.Ordinal)).Select(line => line + "\n"));
        Assert.Contains("http://127.0.0.1:8008/", block, StringComparison.Ordinal);
        return await PythonScript.Run(block.Replace("http://127.0.0.1:8008/", server.Client.BaseAddress!.ToString(), StringComparison.Ordinal) + then, needs: "requests");
    }
}
