using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Rewards;

public sealed class RemoteRewardTests
{
    private static readonly Completion[] Three = [new(Conversation.FromPrompt("ask "), "one"), new(Conversation.FromPrompt("ask "), "two", Ended: false), new(Conversation.FromPrompt("else "), "\u00e9</s>")];

    [Fact]
    public void Score_AGoodServer_IsSentTheProtocolInBatchesAndAnsweredInOrder()
    {
        using var server = new ScriptedServer("""{"rewards": [1.5, -2], "scores": [0, 0], "extra_logs": {}}""", """{"rewards": [3e2]}""");
        using var reward = Open(server.Address + "#batch=2&eos=%3C/s%3E&attempts=1");
        Assert.Equal([1.5, -2, 300], reward.Score(Three, Cancel));
        Assert.Equal(2, server.Requests.Count);
        var first = JsonNode.Parse(server.Requests.First())!;
        Assert.Equal(["ask one</s>", "ask two"], first["query"]!.AsArray().Select(text => (string)text!)); // cut by the length limit: no end
        Assert.Equal(["ask ", "ask "], first["prompts"]!.AsArray().Select(text => (string)text!));
        Assert.Equal(["", ""], first["labels"]!.AsArray().Select(text => (string)text!));
        Assert.Equal("else \u00e9</s>", (string)JsonNode.Parse(server.Requests.Last())!["query"]![0]!); // the end stands there once
        Assert.Equal(server.Address, reward.Name);
        Assert.Empty(reward.Score([], Cancel));
        Assert.Equal(2, server.Requests.Count);
    }

    public static TheoryData<string, string> Misbehaviour => new()
    {
        { "HTTP 500 Internal Server Error", "HTTP 500 Internal Server Error: out of order" },
        { "HTTP 503 Service Unavailable", "HTTP 503" },
        { "HTTP 429 Too Many Requests", "HTTP 429" },
        { "<html>sorry</html>", "no JSON: <html>sorry</html>" },
        { "", "no JSON (nothing)" },
        { "[1, 2, 3]", "a list 'rewards' is expected, and it answered: [1, 2, 3]" },
        { """{"rewards": 1}""", "a list 'rewards' is expected" },
        { """{"rewards": [1, 2]}""", "it gave 2 rewards for 3 texts" },
        { """{"rewards": [1, 2, 3, 4]}""", "it gave 4 rewards for 3 texts" },
        { """{"rewards": [1, NaN, 3]}""", "no JSON" },
        { """{"rewards": [1, 1e999, 3]}""", "completion 1 as 1e999, which is no finite number; its response is: two" },
        { """{"rewards": [1, null, 3]}""", "completion 1 as null" },
        { """{"rewards": [1, "2", 3]}""", "completion 1 as \"2\"" },
        { ScriptedServer.Nothing, "" },
        { ScriptedServer.Silence, "no answer within 0.3 s" },
    };

    [Theory]
    [MemberData(nameof(Misbehaviour))]
    public void Score_AServerThatMisbehavesOnce_IsAskedAgain(string answer, string _)
    {
        using var server = new ScriptedServer(answer, """{"rewards": [1, 2, 3]}""");
        using var reward = Open($"{server.Address}#delay=0&timeout=0.3");
        Assert.Equal([1, 2, 3], reward.Score(Three, Cancel));
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(server.Requests.Distinct());
    }

    [Theory]
    [MemberData(nameof(Misbehaviour))]
    public void Score_AServerThatAlwaysMisbehaves_ThrowsWhatItDidAndScoresNothing(string answer, string said)
    {
        using var server = new ScriptedServer(answer);
        using var reward = Open($"{server.Address}#delay=0&timeout=0.3&attempts=3");
        var message = Assert.Throws<IOException>(() => reward.Score(Three, Cancel)).Message;
        Assert.Equal(3, server.Requests.Count);
        Assert.Contains($"reward server {server.Address} gave no usable answer in 3 attempts; the last: ", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains("Nothing was scored", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP 404 Not Found")]
    [InlineData("HTTP 302 Found")]
    [InlineData("HTTP 422 Unprocessable Entity")]
    public void Score_AServerThatRefuses_IsNotAskedAgain(string answer)
    {
        using var server = new ScriptedServer(answer);
        using var reward = Open($"{server.Address}#delay=0");
        Assert.Contains($"refused the request: {answer}", Assert.Throws<IOException>(() => reward.Score(Three, Cancel)).Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Score_NobodyListens_SaysSo()
    {
        string address;
        using (var server = new ScriptedServer(""))
            address = server.Address;
        using var reward = Open($"{address}#delay=0&attempts=2");
        Assert.Contains("in 2 attempts; the last: Connection refused", Assert.Throws<IOException>(() => reward.Score(Three, Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_AStopWhileTheServerIsSilent_IsHeard()
    {
        using var server = new ScriptedServer(ScriptedServer.Silence);
        using var reward = Open(server.Address);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.2));
        Assert.ThrowsAny<OperationCanceledException>(() => reward.Score(Three, stop.Token));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/#retries=3", "after # stands 'retries=3'; expected template=..., eos=..., batch=...")]
    [InlineData("http://127.0.0.1:1/#timeout=soon", "timeout is 'soon'; expected a number from 0.01 to 86400 (seconds)")]
    [InlineData("http://127.0.0.1:1/#batch=0", "batch is '0'")]
    [InlineData("http://127.0.0.1:1/#template=coset", "coset")]
    [InlineData("http://:80/", "is no address of a reward server")]
    public void Parse_WhatIsNotUnderstood_IsNamed(string address, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => RemoteRewardSettings.Parse(address)).Message, StringComparison.Ordinal);

    [Fact]
    public void Recipe_AnAddressWhereARewardIsExpected_IsTakenAsItIs()
    {
        const string Address = "http://127.0.0.1:8000/score#template=coste&eos=</s>";
        var yaml = $$"""
            stages:
              world: { kind: world }
              ppo: { kind: ppo, model: ./sft, proxy: "{{Address}}", prompts: world:prompts, eval_prompts: world:prompts }
            """;
        var recipe = RecipeFile.Parse(yaml, "r.yaml");
        var proxy = ((PpoStage)recipe["ppo"]).Proxy;
        Assert.Equal((Address, true), (proxy.ToString(), proxy.IsRemote));
        Assert.Equal(recipe.ToYaml(), RecipeFile.Parse(recipe.ToYaml(), "resolved").ToYaml());
        foreach (var (wrong, said) in new[] { ("model: ./sft", "a server gives rewards, and a language model is expected"), ($"proxy: \"{Address}\"", "after # stands 'temp=1'") })
        {
            var changed = yaml.Replace(wrong, wrong.StartsWith("model", StringComparison.Ordinal) ? $"model: \"{Address}\"" : "proxy: \"http://a/#temp=1\"", StringComparison.Ordinal);
            Assert.Contains(said, Assert.Throws<InvalidDataException>(() => RecipeFile.Parse(changed, "r.yaml")).Message, StringComparison.Ordinal);
        }
    }

    private static IRewardFunction Open(string address) => RewardFunctions.Open(address, address);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
