using System.Text.Json.Nodes;
using UmmRm.Tests.Rewards;
using UmmRm.Tests.Runtime;

namespace UmmRm.Tests.Cli;

[Collection(nameof(ProcessSettings))]
public sealed class BonCommandTests : IDisposable
{
    private readonly TinyModels _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public void Bon_ProxiesAndAnEnsemble_ChooseAmongTheSameAnswers()
    {
        var (first, second) = (_models.Reward(), _models.Reward("neox-parallel"));
        var run = Bon("--proxy", first, "--models", first, second, "--combine", "uwo", "--gold", second, "--samples", "6", "--json");
        Assert.True(run.Code == 0, run.Error);
        var curves = JsonNode.Parse(run.Output)!["curves"]!.AsArray();
        Assert.Equal([first, "ensemble", second], curves.Select(curve => (string)curve!["reward"]!));
        Assert.All(curves, curve => Assert.Equal([1, 2, 4, 6], curve!["points"]!.AsArray().Select(point => (int)point!["n"]!)));
        Assert.Single(curves.Select(curve => Math.Round((double)curve!["points"]![0]!["gold"]!, 6)).Distinct());
        Assert.Contains("\"unbiased_variance\": false", File.ReadAllText(Path.Combine(_models.Folder["run"], "ensemble", "ensemble.json")), StringComparison.Ordinal); // METHOD 5: the population's variance, lambda 0.5
        Assert.Contains("\"lambda\": 0.5", File.ReadAllText(Path.Combine(_models.Folder["run"], "ensemble", "ensemble.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Bon_AServerAsProxyThatScoresTooFew_EndsItWithoutAResult()
    {
        using var server = new ScriptedServer("HTTP 503 Busy", """{"rewards": [1]}""");
        var run = Bon("--proxy", $"{server.Address}#delay=0&attempts=2", "--gold", _models.Reward(), "--samples", "4");
        Assert.Equal(1, run.Code);
        Assert.Contains("gave no usable answer in 2 attempts; the last: it gave 1 rewards for ", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_models.Folder["run"], "bon", "bon.json")));
    }

    [Theory]
    [InlineData("--proxy is missing", "--gold", "g")]
    [InlineData("alone; an ensemble has at least two", "--gold", "g", "--models", "a")]
    [InlineData("--combine says", "--gold", "g", "--proxy", "a", "--combine", "wco")]
    [InlineData("--gold is missing", "--proxy", "a")]
    [InlineData("--samples is '1'; expected a whole number, 2..", "--proxy", "a", "--gold", "g", "--samples", "1")]
    public void Bon_WrongUsage_SaysWhatIsMissing(string said, params string[] options)
    {
        var run = Bon(options);
        Assert.Equal(2, run.Code);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private CommandRun Bon(params string[] options) => CommandRun.Of(
    [
        "bon", "--model", _models.Language(), "--data", _models.Rows("prompts.jsonl", """{"prompt": "w05 w06 "}""", """{"prompt": "w07 "}"""), "--template", "raw", "--output", _models.Folder["run"], "--threads", "1",
        "--set", "max_new_tokens=4", .. options,
    ]);
}
