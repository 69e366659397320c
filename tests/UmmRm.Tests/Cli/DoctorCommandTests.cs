using System.Text.Json;
using UmmRm.Tests.Diagnosis;
using UmmRm.Tests.Runtime;

namespace UmmRm.Tests.Cli;

[Collection(nameof(ProcessSettings))]
public sealed class DoctorCommandTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public void Doctor_Json_IsAListOfChecksWithFourKeys()
    {
        var run = CommandRun.Of("doctor", "--model", _models.Reward(), "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var findings = json.RootElement.EnumerateArray().ToList();
        Assert.All(findings, finding => Assert.Equal(["check", "status", "detail", "remedy"], finding.EnumerateObject().Select(field => field.Name)));
        Assert.All(findings, finding => Assert.Contains(finding.GetProperty("status").GetString(), (string[])["ok", "warning", "error"]));
        var template = findings.Single(finding => finding.GetProperty("check").GetString() == "template");
        Assert.Equal("warning", template.GetProperty("status").GetString());
        Assert.Contains(_models.Folder["llama-gqa-rm"], template.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, findings.Single(finding => finding.GetProperty("check").GetString() == "config").GetProperty("remedy").ValueKind);
    }

    [Fact]
    public void Doctor_AnyError_ExitsWithOneAndStillSaysAll()
    {
        var folder = _models.Reward();
        ModelChecksTests.Configure(folder, config => config["pad_token_id"] = 2);
        var run = CommandRun.Of("doctor", "--model", folder);
        Assert.Equal((1, ""), (run.Code, run.Error));
        var lines = run.Output.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 100 || line.Contains(folder, StringComparison.Ordinal), line));
        Assert.DoesNotContain('\e', run.Output);
        Assert.Contains(lines, line => line.StartsWith("  error    pad-token ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.TrimStart().StartsWith("-> name a token that texts never contain", StringComparison.Ordinal));
        Assert.Equal("1 error, 1 warning, 12 checks without a finding", lines[^2]);
    }

    [Fact]
    public void Doctor_ModelAndRows_AreTheTrainingThatRewardWouldDo()
    {
        var train = _models.Rows("train.jsonl", """{"prompt": "w10 ", "better": "w12 w13", "worse": "w14"}""", """{"prompt": "w10 ", "better": "w16 w13", "worse": "w14"}""");
        var test = _models.Rows("test.jsonl", """{"prompt": "w10 ", "better": "w40 w41", "worse": "w42"}""");
        var run = CommandRun.Of("doctor", "--model", _models.Language(), "--data", train, "--eval-data", test, "--columns", "chosen=better,rejected=worse", "--template", "raw", "--set", "max_length=2", "--json");
        Assert.Equal((1, ""), (run.Code, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        string[] Details(string check, string status) => [.. json.RootElement.EnumerateArray().Where(finding => finding.GetProperty("check").GetString() == check && finding.GetProperty("status").GetString() == status).Select(finding => finding.GetProperty("detail").GetString()!)];
        Assert.Contains(Details("over-length", "error"), detail => detail.Contains("2 of 2 rows (100.0 %) are longer than 2 tokens", StringComparison.Ordinal));
        Assert.Contains("1 of 1 evaluation prompts", Assert.Single(Details("leakage", "warning")), StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_RecipeWithAModelAndRows_ReadsThemAsTheRecipesFirstRewardStage()
    {
        var rows = _models.Rows("pairs.jsonl", """{"prompt": "w10 ", "chosen": "w12 w13", "rejected": "w14"}""");
        var recipe = _models.Rows("recipe.yaml", "stages: { dense: { kind: reward, model: ./none-such, data: ./none-such.jsonl, max_length: 3 } }");
        var run = CommandRun.Of("doctor", "--recipe", recipe, "--model", _models.Language(), "--data", rows);
        Assert.Equal(1, run.Code);
        Assert.Contains("stages.dense\n  error    inputs", run.Output, StringComparison.Ordinal);
        Assert.Contains("are longer than 3 tokens", string.Join(' ', run.Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_WithoutArguments_LooksAtTheMachine()
    {
        var run = CommandRun.Of("doctor");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.StartsWith("machine\n  ok", run.Output, StringComparison.Ordinal);
        Assert.Contains("GFLOP/s", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_EvalDataAlone_IsWrongUsage()
    {
        var run = CommandRun.Of("doctor", "--eval-data", "x.jsonl");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--data", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();
}
