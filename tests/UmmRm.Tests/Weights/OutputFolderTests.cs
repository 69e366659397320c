using UmmRm.Weights;

namespace UmmRm.Tests.Weights;

public sealed class OutputFolderTests
{
    [Fact]
    public void Complete_NewFolder_AppearsWithItsFilesOnly()
    {
        using var folder = new TemporaryFolder();
        using (var output = OutputFolder.Begin(folder["deep/model/"]))
        {
            File.WriteAllText(Path.Combine(output.Path, "config.json"), "new");
            Assert.False(Directory.Exists(folder["deep/model"]));
            output.Complete();
        }
        Assert.Equal(["config.json"], Directory.EnumerateFileSystemEntries(folder["deep/model"]).Select(file => Path.GetFileName(file)));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder["deep"]));
    }

    [Fact]
    public void Complete_OverAModel_ReplacesItWhole()
    {
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("models", "llama-gqa", "lm"), "model");
        using (var output = OutputFolder.Begin(folder["model"]))
        {
            File.WriteAllText(Path.Combine(output.Path, "config.json"), "new");
            output.Complete();
        }
        Assert.Equal(["config.json"], Directory.EnumerateFileSystemEntries(folder["model"]).Select(file => Path.GetFileName(file)));
        Assert.Equal(["model"], folder.Entries);
    }

    [Fact]
    public void Dispose_WithoutComplete_LeavesWhatWasThere()
    {
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("models", "llama-gqa", "lm"), "model");
        using (var output = OutputFolder.Begin(folder["model"]))
            File.WriteAllText(Path.Combine(output.Path, "config.json"), "new");
        Assert.Equal(["model"], folder.Entries);
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(folder["model"]).Count());
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("config.json", "server.js")]
    [InlineData("config.json", "model.safetensors", "sub/other.txt")]
    public void Begin_FolderWithSomethingElse_IsNeverReplaced(params string[] files)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"out/{file}"])!);
            File.WriteAllText(folder[$"out/{file}"], "mine");
        }
        Assert.Contains("something other than a model", Assert.Throws<ArgumentException>(() => OutputFolder.Begin(folder["out"])).Message, StringComparison.Ordinal);
        Assert.All(files, file => Assert.Equal("mine", File.ReadAllText(folder[$"out/{file}"])));
    }

    [Fact]
    public void Begin_File_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["out"], "mine");
        Assert.Throws<ArgumentException>(() => OutputFolder.Begin(folder["out"]));
    }

    [Fact]
    public void Begin_WhileAnotherWrites_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var first = OutputFolder.Begin(folder["model"]);
        Assert.Contains("another process is writing", Assert.Throws<IOException>(() => OutputFolder.Begin(folder["model"])).Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(first.Path));
    }

    [Fact]
    public void Begin_AfterAKilledProcess_RemovesItsFilesAndRestoresTheModel()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder[".model.partial"]); // killed between the two renames of Complete, or later runs left a half
        File.WriteAllText(folder[".model.partial/half.safetensors"], "half");
        Directory.CreateDirectory(folder[".model.replaced"]);
        File.WriteAllText(folder[".model.replaced/config.json"], "old");
        using (var output = OutputFolder.Begin(folder["model"]))
            Assert.False(File.Exists(Path.Combine(output.Path, "half.safetensors")));
        Assert.Equal(["model"], folder.Entries);
        Assert.Equal("old", File.ReadAllText(folder["model/config.json"]));
    }

    [Fact]
    public void Write_OverItsOwnSource_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var model = folder.CopyOf(Repository.Golden("models", "llama-gqa", "rm"), "rm");
        var moe = new UmmRm.Models.MoeConfig { NumExperts = 4, TopK = 2 };
        Assert.Throws<ArgumentException>(() => Upcycling.Write(model, moe, model + "/", 1));
        Assert.Throws<ArgumentException>(() => WeightAveraging.Write([Repository.Golden("models", "llama-gqa", "rm"), model], null, model));
        Upcycling.Write(model, moe, folder["moe"], 1);
        Assert.Throws<ArgumentException>(() => ExpertMerging.Write(folder["moe"], MergeRecord.Uniform(Checkpoint.ReadConfig(folder["moe"])), folder["moe"]));
        Assert.Equal(["moe", "rm"], folder.Entries);
    }
}
