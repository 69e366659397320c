namespace UmmRm.Tests.Cli;

/// <summary>Files that are empty, missing, full or somebody else's: one message that names them and says what helps, exit code 1, nothing half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    public void Rows_None_AreAnErrorThatNamesTheFileAndNothingIsWritten(string content)
    {
        var (reward, language, empty) = (_models.Reward(), _models.Language(), _models.Folder["empty.jsonl"]);
        File.WriteAllText(empty, content);
        var before = _models.Folder.Entries;
        foreach (var arguments in (string[][])
                 [
                     ["score", "--model", reward, "--input", empty],
                     ["generate", "--model", language, "--input", empty],
                     ["eval", "--model", reward, "--data", empty],
                     ["label", "--model", reward, "--data", empty],
                     ["judge", "--a", empty, "--b", empty, "--judge", reward],
                     ["tokenizer", "train", "--data", empty],
                 ])
        {
            string[] output = arguments[0] == "eval" ? [] : ["--output", _models.Folder["out"]];
            var run = CommandRun.Of([.. arguments, .. output]);
            Assert.Equal((arguments[0], 1, ""), (arguments[0], run.Code, run.Output));
            Assert.Contains("empty.jsonl: there are no ", run.Error, StringComparison.Ordinal);
            Assert.Equal(before, _models.Folder.Entries);
        }
        foreach (var verb in (string[][])[["score", "--model", reward], ["generate", "--model", language]])
        {
            var run = CommandRun.Reading(content, verb);
            Assert.Equal((1, "error: standard input: there are no rows; expected JSON objects, one a line\n"), (run.Code, run.Error));
        }
    }

    [Theory]
    [InlineData("run", "--set", "sede=1", "--set sede=1: a recipe has no sede; did you mean seed?")]
    [InlineData("run", "--set", "settings.ppo.learningrate=1", "stages.ppo-dense.learningrate is not a key; did you mean learning_rate?")]
    [InlineData("run", "--set", "stages.dense.epochs=many", "'many'")]
    [InlineData("sweep", "--grid", "stages.dense.epoch=1,2", "stages.dense.epoch is not a key; did you mean epochs?")]
    public void Recipe_WrongKeyOnTheCommandLine_IsNamedBeforeAnythingIsDone(string verb, string option, string value, string message)
    {
        var run = CommandRun.Of(verb, Path.Combine(Repository.Root, "recipes", "demo", "quick.yaml"), option, value, "--output", _models.Folder["out"]);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(_models.Folder.Entries);
    }

    [Fact]
    public void Tokenize_NoLines_AreNoLines() // a filter of lines, as any other
    {
        var run = CommandRun.Reading("", "tokenize", "--tokenizer", _models.Reward());
        Assert.Equal((0, "", ""), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public void File_ThatIsMissing_IsNamedWithWhereItWasLookedFor()
    {
        var model = _models.Reward();
        foreach (var arguments in (string[][])
                 [
                     ["tokenize", "--tokenizer", model, "--input", "no-such.txt"],
                     ["export", "--model", model, "--accuracy", "no-such.txt", "--output", _models.Folder["out"]],
                     ["serve", "--model", model, "--token-file", "no-such.txt"],
                 ])
        {
            var run = CommandRun.Of(arguments);
            Assert.Equal((arguments[0], 1), (arguments[0], run.Code));
            Assert.Contains($"there is no file {Path.GetFullPath("no-such.txt")}; relative paths are taken from {Environment.CurrentDirectory}", run.Error, StringComparison.Ordinal);
        }
        Assert.Equal(["llama-gqa-rm"], _models.Folder.Entries);
    }

    [Theory]
    [InlineData("nowhere/out.jsonl", "a folder on the way does not exist, or is a file; make it, or correct the path")]
    [InlineData("rows.jsonl/out.jsonl", "a folder on the way does not exist, or is a file; make it, or correct the path")]
    [InlineData("llama-gqa-rm", "is a folder; name a file")]
    public void Output_ThatCannotBe_SaysWhatHelps(string output, string remedy)
    {
        var run = CommandRun.Of("score", "--model", _models.Reward(), "--input", _models.Rows("rows.jsonl", """{"text": "w05"}"""), "--output", _models.Folder[output]);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
        Assert.Equal(["llama-gqa-rm", "rows.jsonl"], _models.Folder.Entries);
    }

    [Fact]
    public void Output_OnADiskThatIsFull_SaysWhatHelpsAndDevicesStayDevices()
    {
        Assert.SkipUnless(File.Exists("/dev/full") && File.Exists("/dev/null"), "Linux's devices");
        var (model, rows) = (_models.Reward(), _models.Rows("rows.jsonl", """{"prompt": "w05 ", "chosen": "w06", "rejected": "w07"}"""));
        var run = CommandRun.Of("score", "--model", model, "--input", rows, "--output", "/dev/full");
        Assert.Equal(1, run.Code);
        Assert.Contains("No space left on device : '/dev/full': make room there, or name an output on another disk", run.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (CommandRun.Of("score", "--model", model, "--input", rows, "--output", "/dev/null").Code, File.ReadAllText("/dev/null")));
        var label = CommandRun.Of("label", "--model", model, "--data", rows, "--output", "/dev/null");
        Assert.Equal(1, label.Code);
        Assert.Contains("is a device, which the result would replace", label.Error, StringComparison.Ordinal);
        Assert.Equal("", File.ReadAllText("/dev/null"));
    }

    public void Dispose() => _models.Dispose();
}
