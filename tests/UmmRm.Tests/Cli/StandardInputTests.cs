using System.IO.Compression;
using System.Text;

namespace UmmRm.Tests.Cli;

/// <summary>Rows from stdin, for verbs that look at them more than once.</summary>
public sealed class StandardInputTests : IDisposable
{
    private const string Rows = """
        {"prompt":"w10 ","chosen":"w11 w20","rejected":"w12"}
        {"prompt":"w13 ","chosen":"w14","rejected":"w15 w21"}
        {"prompt":"w16 ","chosen":"w17 w22","rejected":"w18"}

        """;

    private readonly TinyModels _models = new();

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reward_FromStdin_TrainsTheModelThatAFileTrains(bool gzipped)
    {
        Assert.Equal(0, CommandRun.Of(Reward("from-file", _models.Rows("rows.jsonl", Rows.Split('\n')))).Code);
        var run = CommandRun.Reading(gzipped ? GZip(Rows) : Encoding.UTF8.GetBytes(Rows), Reward("from-stdin", "-"));
        Assert.Equal((0, ""), (run.Code, string.Concat(run.Error.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)))));
        Assert.Equal(File.ReadAllBytes(Weights("from-file")), File.ReadAllBytes(Weights("from-stdin")));
    }

    [Fact]
    public void Reward_FromStdinAgain_IsDoneBefore_AndOtherRowsAreNot()
    {
        CommandRun.Reading(Rows, Reward("run", "-"));
        var again = CommandRun.Reading(Rows, Reward("run", "-"));
        Assert.Equal(0, again.Code);
        Assert.Contains("done before", again.Error, StringComparison.Ordinal);
        var other = CommandRun.Reading(Rows.Replace("w17", "w19", StringComparison.Ordinal), Reward("run", "-"));
        Assert.Equal(0, other.Code);
        Assert.DoesNotContain("done before", other.Error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_models.Folder["run"], "stdin-*.jsonl").Length);
    }

    [Fact]
    public void Reward_FromASliceOfStdin_IsTrainedOnThoseRows()
    {
        CommandRun.Of(Reward("from-file", $"{_models.Rows("rows.jsonl", Rows.Split('\n'))}:[1:]"));
        Assert.Equal(0, CommandRun.Reading(Rows, Reward("from-stdin", "-:[1:]")).Code);
        Assert.Equal(File.ReadAllBytes(Weights("from-file")), File.ReadAllBytes(Weights("from-stdin")));
    }

    [Fact]
    public void MergeAndLabel_FromStdin_LeaveTheirResultAlone()
    {
        var mixture = _models.Mixture();
        Assert.Equal(0, CommandRun.Reading(Rows, "merge", "--model", mixture, "--method", "expected-gate", "--data", "-", "--output", _models.Folder["merged"]).Code);
        var labels = CommandRun.Reading(Rows, "label", "--model", mixture, "--data", "-", "--output", "-");
        Assert.Equal((0, 3), (labels.Code, TinyModels.Parse(labels.Output).Length));
        Assert.Equal(["llama-gqa-rm", "merged", "moe"], _models.Folder.Entries);
        Assert.DoesNotContain(Directory.GetFiles(_models.Folder["merged"]), file => file.Contains("stdin", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-", "rows.jsonl")]
    [InlineData("-:[0:2]", "rows.jsonl:[0:2]")]
    public void Eval_FromStdin_IsEvalOfTheFile(string stdin, string file)
    {
        _models.Rows("rows.jsonl", Rows.Split('\n'));
        string[] eval = ["eval", "--model", _models.Reward(), "--json", "--data"];
        var run = CommandRun.Reading(GZip(Rows), [.. eval, stdin]);
        Assert.Equal(0, run.Code);
        Assert.Equal(Measured(CommandRun.Of([.. eval, _models.Folder[file]])), Measured(run));
    }

    [Fact]
    public void Doctor_FromStdin_ChecksTheRows()
    {
        var run = CommandRun.Reading(Rows, "doctor", "--model", _models.Reward(), "--data", "-", "--json");
        Assert.Contains("3 preference pairs", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Reward_FromParquetOnStdin_IsReadAsParquet()
    {
        var run = CommandRun.Reading("PAR1 and no more", Reward("run", "-"));
        Assert.Equal(1, run.Code);
        Assert.Matches("standard input: the file cannot be read as parquet", run.Error);
    }

    [Theory]
    [InlineData("reward")]
    [InlineData("eval")]
    public void NothingOnStdin_IsAnError_AndLeavesNothing(string verb)
    {
        var run = CommandRun.Reading("", verb == "eval" ? ["eval", "--model", _models.Reward(), "--data", "-"] : Reward("run", "-"));
        Assert.Equal((1, "error: standard input: there are no rows; expected JSON objects, one a line, or an array of them: did what writes into the pipe fail?\n"), (run.Code, run.Error));
        Assert.Single(_models.Folder.Entries);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "-", "error: standard input:1: not JSON ('a' is an invalid start of a value); rows are JSON")]
    [InlineData("{}\n", "-:train", "error: -:train: standard input has no splits")]
    public void RowsThatAreNone_AreSaidToBeStandardInputs(string rows, string data, string message)
    {
        var run = CommandRun.Reading(rows, "eval", "--model", _models.Reward(), "--data", data);
        Assert.Equal(1, run.Code);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Reward_FromAModelThatIsMissing_SaysSoBeforeItReads()
    {
        var run = CommandRun.Reading(Rows, "reward", "--model", "./no-such", "--data", "-", "--output", _models.Folder["run"]);
        Assert.Equal(1, run.Code);
        Assert.Contains("no-such, and there is no such file or folder", run.Error, StringComparison.Ordinal);
        Assert.Empty(_models.Folder.Entries);
    }

    [Fact]
    public void StdinForTwoOptions_IsWrongUsage()
    {
        var run = CommandRun.Reading(Rows, "ppo", "--model", _models.Language(), "--proxy", _models.Reward(), "--data", "-", "--eval-data", "-", "--output", _models.Folder["run"]);
        Assert.Equal(2, run.Code);
        Assert.Contains("two options name stdin (-)", run.Error, StringComparison.Ordinal);
        Assert.Equal(["llama-gqa-lm", "llama-gqa-rm"], _models.Folder.Entries);
    }

    private string[] Reward(string output, string data) =>
        ["reward", "--model", _models.Language(), "--data", data, "--output", _models.Folder[output], "--set", "epochs=1", "--set", "precision=float32"];

    private string Weights(string run) => Path.Combine(_models.Folder[run], "model", "model.safetensors");

    private static string Measured(CommandRun run)
    {
        var json = TinyModels.Parse(run.Output).Single();
        json.Remove("data");
        return json.ToJsonString();
    }

    private static byte[] GZip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
