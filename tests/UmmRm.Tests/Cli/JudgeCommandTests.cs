using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using UmmRm.Cli;

namespace UmmRm.Tests.Cli;

/// <summary>The verb against an endpoint on this machine that misbehaves in every way that endpoints do.</summary>
public sealed class JudgeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ummrm-judge-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Judge_FairEndpoint_CountsWinsTiesAndLossesInBothOrders()
    {
        using var endpoint = new Endpoint(LongerIsBetter);
        var (a, b) = (Rows("a.jsonl", "long answer", "x", "same", "tie"), Rows("b.jsonl", "short", "long answer", "same", "eit"));
        var json = Judge(endpoint, a, b);
        Assert.Equal((4, 1, 2, 1, 0, 0), (Int(json, "comparisons"), Int(json, "wins"), Int(json, "ties"), Int(json, "losses"), Int(json, "disagreements"), Int(json, "no_answers")));
        Assert.Equal(6, endpoint.Requests); // equal answers are not asked about
        Assert.Equal(0.5, json["win_rate"]!.GetValue<double>());
        Assert.Equal("JudgePrompt.md", json["judge_prompt"]!["file"]!.GetValue<string>());
        Assert.Equal(64, json["judge_prompt"]!["sha256"]!.GetValue<string>().Length);
    }

    [Fact]
    public void Judge_RunAgain_AsksNothingTwice()
    {
        using var endpoint = new Endpoint(LongerIsBetter);
        var (a, b) = (Rows("a.jsonl", "long answer", "x"), Rows("b.jsonl", "short", "long answer"));
        var first = Judge(endpoint, a, b);
        var log = Path.Combine(_folder, "out", "verdicts.jsonl");
        var lines = File.ReadAllText(log);
        File.WriteAllText(log, lines[..^40]); // as a kill in the middle of a line leaves it
        var second = Judge(endpoint, a, b);
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(5, endpoint.Requests);
    }

    [Fact]
    public void Judge_EndpointThatTakesTheFirst_IsFoundOut()
    {
        using var endpoint = new Endpoint((_, _) => Reply("Verdict: 1"));
        var json = Judge(endpoint, Rows("a.jsonl", "x", "y", "z"), Rows("b.jsonl", "1", "2", "3"));
        Assert.Equal((3, 1.0), (Int(json, "disagreements"), json["prefers_first"]!.GetValue<double>()));
    }

    [Fact]
    public void Judge_RateLimitsFailuresCutsAndGarbage_AreRetriedWithinTheBudget()
    {
        using var endpoint = new Endpoint((request, number) => number switch
        {
            0 => (429, "{\"error\": {\"message\": \"slow down\"}}", ("Retry-After", "0")),
            1 => (503, "busy", null),
            2 => (200, "<html>not json</html>", null),
            3 => Reply("I would rather not say."),
            _ => Reply("Verdict: tie"),
        });
        var json = Judge(endpoint, Rows("a.jsonl", "x"), Rows("b.jsonl", "y"), "--parallel", "1");
        Assert.Equal((1, 0), (Int(json, "ties"), Int(json, "no_answers")));
        Assert.Equal(6, endpoint.Requests);
    }

    [Fact]
    public void Judge_NoVerdictWithinTheBudget_IsNoAnswerAndNeverATie()
    {
        using var endpoint = new Endpoint((_, _) => Reply("Both have their merits."));
        var json = Judge(endpoint, Rows("a.jsonl", "x"), Rows("b.jsonl", "y"), "--attempts", "2");
        Assert.Equal((1, 0), (Int(json, "no_answers"), Int(json, "ties")));
        Assert.Null(json["win_rate"]);
        Assert.Equal(4, endpoint.Requests);
    }

    [Fact]
    public void Judge_WrongKey_StopsAtOnceWithTheRemedyAndWithoutTheKey()
    {
        using var endpoint = new Endpoint((_, _) => (401, "{\"error\": {\"message\": \"bad key\"}}", null));
        var run = Run(endpoint, Rows("a.jsonl", "x", "y"), Rows("b.jsonl", "1", "2"), "--parallel", "1");
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("HTTP 401", run.Error, StringComparison.Ordinal);
        Assert.Contains("UMMRM_JUDGE_KEY", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, endpoint.Requests);
    }

    [Fact]
    public void Judge_Estimate_SaysWhatItWouldTakeAndAsksNothing()
    {
        using var endpoint = new Endpoint(LongerIsBetter);
        var run = Run(endpoint, Rows("a.jsonl", "x", "y"), Rows("b.jsonl", "1", "2"), "--estimate", "--price-in", "1000", "--price-out", "0");
        Assert.Equal((ExitCode.Done, 0), (run.Code, endpoint.Requests));
        Assert.Contains("2 comparisons by judge: 4 verdicts to ask for", run.Error, StringComparison.Ordinal);
        Assert.Contains("USD", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_PromptWithoutAnAnswer_NamesIt()
    {
        using var endpoint = new Endpoint(LongerIsBetter);
        var run = Run(endpoint, Rows("a.jsonl", "x", "y"), Rows("b.jsonl", "1"));
        Assert.Equal((ExitCode.Failed, 0), (run.Code, endpoint.Requests));
        Assert.Contains("b.jsonl has no answer (or too few) to prompt 2, 'question 1'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_GoldOfTheBuiltInWorld_NeedsNoEndpoint()
    {
        File.WriteAllText(Path.Combine(_folder, "a.jsonl"), """{"prompt": "add 9 and 1", "response": "10"}""" + "\n");
        File.WriteAllText(Path.Combine(_folder, "b.jsonl"), """{"prompt": "add 9 and 1", "response": "12"}""" + "\n");
        var run = CommandRun.Of("judge", "--json", "--a", Path.Combine(_folder, "a.jsonl"), "--b", Path.Combine(_folder, "b.jsonl"), "--judge", "world:gold", "--output", Path.Combine(_folder, "out"));
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error.Contains("error", StringComparison.Ordinal) ? run.Error : ""));
        Assert.Equal(1, Int(JsonNode.Parse(run.Output)!.AsObject(), "wins"));
    }

    [Fact]
    public void Judge_AnswerTooLongForTheReward_SaysWhichComparison()
    {
        using var models = new TinyModels();
        string Answers(string name, string second) => models.Rows(name, """{"prompt": "w40 ", "response": "w10"}""", $$"""{"prompt": "w41 ", "response": "{{second}}"}""");
        var (a, b) = (Answers("a.jsonl", "w11"), Answers("b.jsonl", TinyModels.Words(1, 400)));
        var run = CommandRun.Of("judge", "--a", a, "--b", b, "--judge", models.Reward(), "--output", Path.Combine(_folder, "out"));
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("comparison 2, of the answers to 'w41 ' (text 0 is --a's, text 1 --b's): text 1 has ", run.Error, StringComparison.Ordinal);
    }

    private JsonObject Judge(Endpoint endpoint, string a, string b, params string[] more)
    {
        var run = Run(endpoint, a, b, more);
        Assert.True(run.Code == ExitCode.Done, run.Error);
        return JsonNode.Parse(run.Output)!.AsObject();
    }

    private CommandRun Run(Endpoint endpoint, string a, string b, params string[] more) =>
        CommandRun.Of(["judge", "--json", "--a", a, "--b", b, "--judge", "judge", "--base-url", endpoint.Url, "--output", Path.Combine(_folder, "out"), .. more]);

    private string Rows(string name, params string[] answers)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllLines(path, answers.Select((answer, i) => new JsonObject { ["prompt"] = $"question {i}", ["response"] = answer }.ToJsonString()));
        return path;
    }

    private static int Int(JsonObject json, string key) => json[key]!.GetValue<int>();

    private static (int, string, (string, string)?) LongerIsBetter(string request, int number)
    {
        string Part(string from, string to) => request.Split(from)[1].Split(to)[0].Trim();
        var (first, second) = (Part("[Answer 1]", "[Answer 2]").Length, Part("[Answer 2]", "[Your verdict]").Length);
        return Reply($"Longer.\nVerdict: {(first > second ? "1" : first < second ? "2" : "tie")}");
    }

    private static (int, string, (string, string)?) Reply(string text) => (200, new JsonObject
    {
        ["id"] = "1",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = "judge",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = "stop", ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text } }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 100, ["completion_tokens"] = 10, ["total_tokens"] = 110 },
    }.ToJsonString(), null);

    /// <summary>Chat completions on a loopback port; what it replies is a function of the user's message and the request's number.</summary>
    private sealed class Endpoint : IDisposable
    {
        private readonly HttpListener _listener = new();
        private int _requests;

        public Endpoint(Func<string, int, (int Status, string Body, (string Name, string Value)? Header)> reply)
        {
            var port = FreePort();
            Url = $"http://127.0.0.1:{port}/v1";
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            _listener.Start();
            _ = Task.Run(async () =>
            {
                while (_listener.IsListening)
                {
                    HttpListenerContext context;
                    try
                    {
                        context = await _listener.GetContextAsync();
                    }
                    catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
                    var body = JsonNode.Parse(context.Request.InputStream)!;
                    var content = body["messages"]![0]!["content"]!;
                    var (status, text, header) = reply(content is JsonArray parts ? parts[0]!["text"]!.GetValue<string>() : content.GetValue<string>(), Interlocked.Increment(ref _requests) - 1);
                    context.Response.StatusCode = status;
                    context.Response.ContentType = "application/json";
                    if (header is { } named)
                        context.Response.Headers.Add(named.Name, named.Value);
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                    context.Response.Close();
                }
            });
        }

        public string Url { get; }

        public int Requests => _requests;

        public void Dispose() => _listener.Close();

        private static int FreePort()
        {
            using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
