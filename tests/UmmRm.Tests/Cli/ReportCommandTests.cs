using System.Text.Json.Nodes;
using UmmRm.Tests.Recipes;

namespace UmmRm.Tests.Cli;

public sealed class ReportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Report_RunFolder_WritesThePageAndPrintsItsPath()
    {
        var run = SyntheticRun.Write(_folder["run"]);
        var done = CommandRun.Of("report", run);
        Assert.Equal((0, $"{Path.Combine(run, "report.html")}\n"), (done.Code, done.Output));
        Assert.True(File.Exists(Path.Combine(run, "report-figures", "gold.svg")));
    }

    [Fact]
    public void Report_Watch_EndsWithTheRun()
    {
        var done = CommandRun.Of("report", SyntheticRun.Write(_folder["run"]), "--watch", "--json");
        Assert.Equal(0, done.Code);
        Assert.Equal("done", JsonNode.Parse(done.Output)!["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("nowhere", "report.html", 1, "there is no folder")]
    [InlineData("", "report.pdf", 2, "ends in .html")]
    public void Report_WrongPath_SaysWhatIsExpected(string run, string output, int code, string message)
    {
        var done = CommandRun.Of("report", _folder[run], "--output", _folder[output]);
        Assert.Equal(code, done.Code);
        Assert.Contains(message, done.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_TwoRuns_PrintsWhatDiffers()
    {
        var done = CommandRun.Of("compare", SyntheticRun.Write(_folder["a"], 1), SyntheticRun.Write(_folder["b"], 2), "--output", _folder["ab.html"]);
        Assert.Equal(0, done.Code);
        Assert.Contains("Settings that differ", done.Output, StringComparison.Ordinal);
        Assert.Contains("b: ppo-umm-50", done.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["ab.html"]));
    }

    [Fact]
    public void Compare_OneRun_IsWrongUsage() => Assert.Equal(2, CommandRun.Of("compare", _folder.Path).Code);
}
