using System.IO.Compression;
using UmmRm.Recipes;

namespace UmmRm.Tests.Cli;

/// <summary>What upcycle, merge, average and label do with the place that they write to.</summary>
public sealed class MixtureCommandTests
{
    [Fact]
    public void Upcycle_OverAModel_ReplacesItAndLeavesNothingBeside()
    {
        using var models = new TinyModels();
        var (language, other) = (models.Language(), models.Reward());
        Assert.Equal(0, Upcycle(language, other).Code);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Directory.GetFileSystemEntries(other).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["llama-gqa-lm", "llama-gqa-rm"], models.Folder.Entries);
    }

    [Theory]
    [InlineData("thesis", "holds something other than a model")]
    [InlineData(".", "holds something other than a model")]
    [InlineData("llama-gqa-lm", "is the model")]
    [InlineData("llama-gqa-lm/config.json", "is a file")]
    public void Upcycle_OntoSomethingOfSomebody_IsRefusedAndTouchesNothing(string output, string complaint)
    {
        using var models = new TinyModels();
        var language = models.Language();
        Directory.CreateDirectory(models.Folder["thesis/chapters"]);
        File.WriteAllText(models.Folder["thesis/chapters/one.txt"], "precious");
        var before = Everything(models.Folder.Path);
        var run = Upcycle(language, models.Folder[output]);
        Assert.Equal(1, run.Code);
        Assert.Contains(complaint, run.Error, StringComparison.Ordinal);
        Assert.Equal(before, Everything(models.Folder.Path));
    }

    [Fact]
    public void Upcycle_WhileAnotherMakesTheSame_IsRefusedAndLeavesItAlone()
    {
        using var models = new TinyModels();
        var language = models.Language();
        using (RunLock.Take(models.Folder[".mixture.work"]))
        {
            File.WriteAllText(models.Folder[".mixture.work/half"], "of the other one");
            var run = Upcycle(language, models.Folder["mixture"]);
            Assert.Equal(1, run.Code);
            Assert.Contains("is in use by process", run.Error, StringComparison.Ordinal);
            Assert.True(File.Exists(models.Folder[".mixture.work/half"]));
        }
        Assert.Equal(0, Upcycle(language, models.Folder["mixture"]).Code);
        Assert.Equal(["llama-gqa-lm", "mixture"], models.Folder.Entries);
    }

    [Fact]
    public void Label_OntoAFolder_IsRefusedBeforeAnythingIsScored()
    {
        using var models = new TinyModels();
        var rows = models.Rows("pairs.jsonl", """{"prompt":"w10","chosen":"w11","rejected":"w12"}""");
        var run = CommandRun.Of("label", "--model", models.Reward(), "--data", rows, "--output", models.Folder.Path);
        Assert.Equal(1, run.Code);
        Assert.Equal($"error: the output {models.Folder.Path} is a folder; name a file\n", run.Error);
    }

    [Fact]
    public void Label_GzippedAndOnStdout_AreTheSameRows()
    {
        using var models = new TinyModels();
        string[] label = ["label", "--model", models.Reward(), "--data", models.Rows("pairs.jsonl", """{"prompt":"w10 ","chosen":"w11","rejected":"w12"}""", """{"prompt":"w13 ","chosen":"w14","rejected":"w15"}"""), "--output"];
        Assert.Equal(0, CommandRun.Of([.. label, models.Folder["labels.jsonl.gz"]]).Code);
        using var file = new StreamReader(new GZipStream(File.OpenRead(models.Folder["labels.jsonl.gz"]), CompressionMode.Decompress));
        var stdout = CommandRun.Of([.. label, "-"]);
        Assert.Equal((0, 2), (stdout.Code, TinyModels.Parse(stdout.Output).Length));
        Assert.Equal(file.ReadToEnd(), stdout.Output);
        Assert.Equal(["labels.jsonl.gz", "llama-gqa-rm", "pairs.jsonl"], models.Folder.Entries);
    }

    [Theory]
    [InlineData("did you mean epochs?", "reward", "--data", "rows.jsonl", "--set", "epoch=1")]
    [InlineData("reward --set help", "reward", "--data", "rows.jsonl", "--set", "epochs=many")]
    [InlineData("--columns: columns has the entry 'chosen'", "reward", "--data", "rows.jsonl", "--columns", "chosen")]
    [InlineData("it must be 1..7", "upcycle", "--top-k", "9")]
    [InlineData("method learned needs calibration pairs", "merge", "--method", "learned")]
    public void Stage_KeysThatAreWrong_AreWrongUsage(string message, string verb, params string[] options)
    {
        using var models = new TinyModels();
        var run = CommandRun.Of([verb, "--model", models.Language(), "--output", models.Folder["out"], .. options]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(["llama-gqa-lm"], models.Folder.Entries);
    }

    private static CommandRun Upcycle(string model, string output) => CommandRun.Of("upcycle", "--model", model, "--experts", "3", "--top-k", "1", "--output", output);

    private static string[] Everything(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}")];
}
