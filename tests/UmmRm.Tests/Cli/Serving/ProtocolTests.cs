using System.Text.Json.Nodes;
using UmmRm.Cli.Serving;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>The bodies are those that the clients send; the expected scores are the reference model's own forward pass on one text alone.</summary>
public sealed class ProtocolTests : IDisposable
{
    private const double Close = 1e-5;
    private readonly TinyModels _models = new();

    private static double Gqa(params int[] ids) => TinyModels.Score("llama-gqa", ids);

    [Theory]
    [InlineData("/")]
    [InlineData("/get_reward")]
    [InlineData("/models/tiny/get_reward")]
    [InlineData("/models/tiny")]
    public async Task OpenRlhf_OneSampleOrMany_GetsRewardsAndScores(string path)
    {
        await using var server = await RunningServer.Of(_models);
        var answer = await server.Ask(path, """{"query": ["w01 w05 w06 w02", "w09"], "prompts": ["w01 w05 ", ""], "labels": [null, "x"]}""");
        AssertScores([Gqa(1, 5, 6, 2), Gqa(9)], answer["rewards"]!);
        AssertScores([Gqa(1, 5, 6, 2), Gqa(9)], answer["scores"]!);
        Assert.Equal("{}", answer["extra_logs"]!.ToJsonString());
        Assert.Equal("""{"rewards":[],"scores":[],"extra_logs":{}}""", (await server.Ask(path, """{"query": [], "prompts": [], "labels": []}""")).ToJsonString());
    }

    [Fact]
    public async Task LlamaFactory_AnyModelName_GetsScores()
    {
        await using var server = await RunningServer.Of(_models);
        var answer = await server.Ask("/v1/score/evaluation", """{"model": "model", "messages": ["w01 w05 w06 w02", "w07"]}""");
        AssertScores([Gqa(1, 5, 6, 2), Gqa(7)], answer["scores"]!);
        Assert.Equal(("score.evaluation", "tiny"), ((string)answer["object"]!, (string)answer["model"]!));
    }

    [Theory]
    [InlineData("""{"model": "rm", "input": "w05 w06", "use_activation": false}""")]
    [InlineData("""{"model": "rm", "input": ["w05 w06"], "activation": false, "add_special_tokens": false}""")]
    [InlineData("""{"input": [5, 6]}""")]
    [InlineData("""{"input": [[5, 6]]}""")]
    public async Task Vllm_EveryFormOfInput_GetsTheRawLogit(string body)
    {
        await using var server = await RunningServer.Of(_models);
        var classified = (await server.Ask("/classify", body))["data"]![0]!;
        Assert.Equal(Gqa(5, 6), (double)classified["probs"]![0]!, Close);
        Assert.Equal((0, "LABEL_0", 1), ((int)classified["index"]!, (string)classified["label"]!, (int)classified["num_classes"]!));
        Assert.Equal(Gqa(5, 6), (double)(await server.Ask("/pooling", body))["data"]![0]!["data"]![0]!, Close);
        Assert.Equal(Gqa(5, 6), (double)(await server.Ask("/v1/embeddings", body))["data"]!.AsArray()[^1]!["embedding"]!.AsArray()[^1]!, Close); // as verl reads it from SGLang
    }

    [Fact]
    public async Task Vllm_ActivationAskedFor_IsSigmoid()
    {
        await using var server = await RunningServer.Of(_models);
        var answer = await server.Ask("/classify", """{"input": "w05 w06", "use_activation": true}""");
        Assert.Equal(1 / (1 + Math.Exp(-Gqa(5, 6))), (double)answer["data"]![0]!["probs"]![0]!, Close);
    }

    [Fact]
    public async Task Vllm_Messages_AreRenderedByTheModelsTemplateWithTheEnd()
    {
        await using var server = await RunningServer.Of(_models);
        var answer = await server.Ask("/classify", """{"messages": [{"role": "user", "content": "w05 "}, {"role": "assistant", "content": [{"type": "text", "text": "w07"}]}]}""");
        Assert.Equal(Gqa(5, 7, 2), (double)answer["data"]![0]!["probs"]![0]!, Close);
    }

    [Theory]
    [InlineData("/score", """{"queries": "w05 ", "documents": ["w07", "w08"]}""")]
    [InlineData("/score", """{"queries": ["w05 ", "w05 "], "items": ["w07", "w08"]}""")]
    [InlineData("/v1/score", """{"text_1": "w05 ", "text_2": ["w07", "w08"]}""")]
    [InlineData("/score", """{"data_1": ["w05 ", "w05 "], "data_2": ["w07", "w08"]}""")]
    public async Task VllmScore_QueriesAndDocuments_ArePromptsAndResponses(string path, string body)
    {
        await using var server = await RunningServer.Of(_models);
        var data = (await server.Ask(path, body))["data"]!.AsArray();
        AssertScores([Gqa(5, 7, 2), Gqa(5, 8, 2)], new JsonArray([.. data.Select(item => item!["score"]!.DeepClone())]));
    }

    [Fact]
    public async Task SGLang_Text_IsToldApartFromVllmsInput()
    {
        await using var server = await RunningServer.Of(_models);
        var list = await server.Ask("/classify", """{"model": "rm", "text": ["w05 w06", "w07"]}""");
        Assert.Equal(Gqa(5, 6), (double)list[0]!["embedding"]![0]!, Close);
        Assert.Equal(Gqa(7), (double)list[1]!["embedding"]![0]!, Close);
        Assert.Equal(Gqa(7), (double)(await server.Ask("/classify", """{"text": "w07"}"""))["embedding"]![0]!, Close);
    }

    [Fact]
    public async Task Tei_FlatListIsOnePairAndABatchIsAListOfLists()
    {
        await using var server = await RunningServer.Of(_models);
        var one = await server.Ask("/predict", """{"inputs": "w05 w06", "raw_scores": true}""");
        Assert.Equal(("LABEL_0", 1), ((string)one[0]!["label"]!, one.AsArray().Count));
        Assert.Equal(Gqa(5, 6), (double)one[0]!["score"]!, Close);
        Assert.Equal(Gqa(5, 7, 2), (double)(await server.Ask("/predict", """{"inputs": ["w05 ", "w07"], "raw_scores": true}"""))[0]!["score"]!, Close);
        var batch = await server.Ask("/predict", """{"inputs": [["w05"], ["w06"]]}""");
        Assert.Equal(Gqa(5), (double)batch[0]![0]!["score"]!, Close);
        Assert.Equal(Gqa(6), (double)batch[1]![0]!["score"]!, Close);
        Assert.Equal(1 / (1 + Math.Exp(-Gqa(5))), (double)(await server.Ask("/predict", """{"inputs": "w05", "raw_scores": false}"""))[0]!["score"]!, Close);
        Assert.Equal(422, (await server.Post("/predict", """{"inputs": ["a", "b", "c"]}""")).Status);
    }

    [Theory]
    [InlineData(400, "/", "{\"query\": [")]
    [InlineData(400, "/", "garbage \u0000")]
    [InlineData(400, "/", "")]
    [InlineData(422, "/", "[1]", "the body is a list")]
    [InlineData(422, "/", "{}", "query is missing")]
    [InlineData(422, "/", "{\"query\": \"w05\"}", "query is a text; expected a list")]
    [InlineData(422, "/", "{\"query\": [5]}", "query[0] is a number")]
    [InlineData(422, "/", "{\"query\": [\"\\ud83d\"]}", "surrogate")]
    [InlineData(422, "/", "{\"query\": [\"\"]}", "no tokens")]
    [InlineData(422, "/", "{\"query\": [\"nonsense\"]}", "nonsense")]
    [InlineData(422, "/classify", "{\"input\": [96]}", "token id 96")]
    [InlineData(422, "/classify", "{\"input\": [-1]}", "token id -1")]
    [InlineData(422, "/classify", "{\"messages\": [{\"role\": \"user\", \"content\": \"w05\"}]}", "at least two turns")]
    [InlineData(422, "/classify", "{\"messages\": [{\"role\": \"assistant\", \"content\": \"w05\"}, {\"role\": \"user\", \"content\": \"w05\"}]}", "the last turn")]
    [InlineData(422, "/score", "{\"queries\": [\"a\", \"b\"], \"documents\": [\"c\"]}", "2 queries and 1 documents")]
    [InlineData(422, "/score", "{\"query\": [\"w05\"], \"prompts\": [], \"labels\": []}", "answered at / and at --reward-path")]
    [InlineData(404, "/models/other/get_reward", "{\"query\": [\"w05\"]}", "there are tiny")]
    [InlineData(404, "/nothing", "{}", "/openapi.json")]
    public async Task Request_ThatIsWrong_IsRefusedWithAReasonAndDisturbsNobody(int status, string path, string body, string reason = "not JSON")
    {
        await using var server = await RunningServer.Of(_models);
        var (found, answer) = await server.Post(path, body);
        Assert.Equal(status, found);
        Assert.Contains(reason, (string)answer!["error"]!["message"]!, StringComparison.Ordinal);
        AssertScores([Gqa(5)], (await server.Ask("/", """{"query": ["w05"]}"""))["rewards"]!);
    }

    [Fact]
    public async Task Models_ByName_AnswerEachForItselfAndAWrongNameIsRefused()
    {
        await using var server = await RunningServer.Of(null, null, RunningServer.Model(_models.Reward(), "a"), RunningServer.Model(_models.Reward("qwen2-untied"), "b"));
        Assert.Equal(Gqa(5, 6), (double)(await server.Ask("/classify", """{"model": "a", "input": "w05 w06"}"""))["data"]![0]!["probs"]![0]!, Close);
        Assert.Equal(TinyModels.Score("qwen2-untied", 5, 6), (double)(await server.Ask("/classify", """{"model": "b", "input": "w05 w06"}"""))["data"]![0]!["probs"]![0]!, Close);
        AssertScores([TinyModels.Score("qwen2-untied", 5)], (await server.Ask("/models/b/v1/score/evaluation", """{"model": "model", "messages": ["w05"]}"""))["scores"]!);
        Assert.Equal(404, (await server.Post("/classify", """{"model": "c", "input": "w05"}""")).Status);
        Assert.Equal(["a", "b"], (JsonNode.Parse(await server.Client.GetStringAsync("/v1/models")))!["data"]!.AsArray().Select(model => (string)model!["id"]!));
    }

    [Fact]
    public async Task OpenApi_Document_ListsEveryPath()
    {
        await using var server = await RunningServer.Of(_models);
        var paths = JsonNode.Parse(await server.Client.GetStringAsync("/openapi.json"))!["paths"]!.AsObject().Select(path => path.Key).ToList();
        Assert.Equal([.. ServerRoutes.Protocols.Keys.Concat(["/get_reward", "/v1/models", "/health", "/metrics", "/openapi.json"]).Order()], paths.Order());
    }

    public void Dispose() => _models.Dispose();

    private static void AssertScores(double[] expected, JsonNode found)
    {
        Assert.Equal(expected.Length, found.AsArray().Count);
        Assert.All(expected.Zip(found.AsArray()), pair => Assert.Equal(pair.First, (double)pair.Second!, Close));
    }
}
