using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class PipelineTests
{
    private const string Yaml = """
        name: three
        seed: 3
        stages:
          words: { kind: tokenizer, data: INPUT }
          base: { kind: init, tokenizer: words, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 }
          sft: { kind: sft, model: base, data: INPUT, max_length: 16, token_budget: 16 }
        """;

    [Fact]
    public void Run_Twice_DoesEverythingOnceAndThenNothing()
    {
        using var run = new PipelineRun(Yaml);
        Assert.Equal(["words", "base", "sft"], run.Go());
        Assert.Equal([], run.Go());
        Assert.Equal("sft of base of words of input 1", File.ReadAllText(run.File("sft/out.txt")));
        Assert.All(run.Record.GetProperty("stages").EnumerateObject(), s => Assert.Equal("skipped", s.Value.GetProperty("status").GetString()));
    }

    [Fact]
    public void Run_LeavesTheRunFoldersFiles()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        Assert.Equal(run.Recipe.ToYaml(), RecipeFile.Load(run.File("recipe.resolved.yaml")).ToYaml());
        Assert.Equal(("three", "done", 3), (run.Record.GetProperty("recipe").GetString(), run.Record.GetProperty("status").GetString(), run.Record.GetProperty("seed").GetInt32()));
        Assert.True(run.Record.GetProperty("versions").TryGetProperty("ummrm", out _));
        // sha256 of "input 1", by sha256sum
        Assert.Equal("99d3a91e7e87eb4997107275226155498555e34322ffebe829e79cb7daeca5b9", run.Record.GetProperty("inputs").GetProperty(run.Input).GetString());
        var sft = run.Record.GetProperty("stages").GetProperty("sft");
        Assert.Equal("sft", sft.GetProperty("kind").GetString());
        Assert.True(sft.GetProperty("seconds").GetDouble() >= 0);
        Assert.Equal(run.Recipe["sft"].SeedIn(3), sft.GetProperty("seed").GetInt64());
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(run.Folder), path => path.EndsWith(".partial", StringComparison.Ordinal) || path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_AfterAKeyChanged_RedoesThatStageAndThoseAfterIt()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        Assert.Equal(["base", "sft"], run.Go("stages.base.rope_theta=5000"));
        Assert.Contains(run.Events.OfType<StageStarting>(), e => e.Stage == "base" && e.Reason == "rope_theta was 10000 and is 5000");
        Assert.Contains(run.Events.OfType<StageStarting>(), e => e.Stage == "sft" && e.Reason == "model has another content");
        Assert.Equal(["base", "sft"], run.Go());
    }

    [Fact]
    public void Run_WhereAnotherRunDidTheSame_CopiesIt()
    {
        using var one = new PipelineRun(Yaml);
        one.Go();
        using var two = new PipelineRun(Yaml);
        var options = new RunOptions { CopyFrom = [Path.Combine(one.Folder, "nowhere"), one.Folder] };
        Assert.Equal(["base", "sft"], two.Go(options, "stages.base.rope_theta=5000"));
        Assert.Equal(one.Folder, Assert.Single(two.Events.OfType<StageCopied>()).From);
        Assert.Equal(File.ReadAllBytes(one.File("words/out.txt")), File.ReadAllBytes(two.File("words/out.txt")));
        Assert.Equal("sft of base of words of input 1", File.ReadAllText(two.File("sft/out.txt")));
        Assert.Equal([], two.Go("stages.base.rope_theta=5000"));
        Directory.Delete(one.Folder, recursive: true);
        Assert.Equal([], two.Go("stages.base.rope_theta=5000"));
    }

    [Fact]
    public void Run_AfterAnInputChanged_RedoesWhoReadsIt()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        File.WriteAllText(run.Input, "input 22");
        Assert.Equal(["words", "base", "sft"], run.Go());
        Assert.Equal("sft of base of words of input 22", File.ReadAllText(run.File("sft/out.txt")));
    }

    [Fact]
    public void Run_AfterAnInputWasMovedOrTouched_RedoesNothing()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        File.SetLastWriteTimeUtc(run.Input, DateTime.UtcNow.AddDays(1));
        Assert.Equal([], run.Go());
        run.MoveInput("elsewhere.txt");
        Assert.Equal([], run.Go());
    }

    [Fact]
    public void Run_WithAnotherSeed_RedoesEverything()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        Assert.Equal(["words", "base", "sft"], run.Go("seed=4"));
        Assert.Equal([], run.Go("seed=4"));
    }

    [Fact]
    public void Run_WithANewerExecutor_RedoesItsKind()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        run.Sft.Revision = 1;
        Assert.Equal(["sft"], run.Go());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_AfterAFileOfAFinishedStageWasDamaged_RedoesIt(bool delete)
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        if (delete)
            File.Delete(run.File("base/out.txt"));
        else
            File.AppendAllText(run.File("base/out.txt"), "x");
        Assert.Equal(["base"], run.Go());
        Assert.Equal("base of words of input 1", File.ReadAllText(run.File("base/out.txt")));
    }

    [Fact]
    public void Run_StoppedInAStageThatResumes_GoesOnFromWhatItLeft()
    {
        using var run = new PipelineRun(Yaml);
        run.Sft.StopAfter = 2;
        Assert.Throws<OperationCanceledException>(() => run.Go());
        Assert.Equal("stopped", run.Record.GetProperty("status").GetString());
        Assert.Equal("stopped", run.Record.GetProperty("stages").GetProperty("sft").GetProperty("status").GetString());
        Assert.False(Directory.Exists(run.File("sft")));

        run.Sft.StopAfter = int.MaxValue;
        Assert.Equal(["sft"], run.Go());
        Assert.Equal([1, 2, 3, 4], run.Sft.Steps);
        Assert.Contains(run.Events.OfType<StageStarting>(), e => e.Stage == "sft" && e.Reason == "goes on where it was stopped");
        Assert.Equal(["out.txt", "stage.json"], Directory.GetFiles(run.File("sft")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Run_StoppedAndThenChanged_BeginsAnew()
    {
        using var run = new PipelineRun(Yaml);
        run.Sft.StopAfter = 2;
        Assert.Throws<OperationCanceledException>(() => run.Go());
        run.Sft.StopAfter = int.MaxValue;
        run.Go("stages.sft.epochs=9");
        Assert.Equal([1, 2, 1, 2, 3, 4], run.Sft.Steps);
    }

    [Fact]
    public void Run_OfAFailingStage_LeavesNothingHalfWrittenAndKeepsTheOldResult()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        run.Init.Fails = true;
        var error = Assert.Throws<InvalidDataException>(() => run.Go("stages.base.rope_theta=5000"));
        Assert.Equal(error.Message, run.Record.GetProperty("error").GetString());
        Assert.Equal("failed", run.Record.GetProperty("stages").GetProperty("base").GetProperty("status").GetString());
        Assert.Equal("pending", run.Record.GetProperty("stages").GetProperty("sft").GetProperty("status").GetString());
        Assert.False(Directory.Exists(run.File("base.partial")));
        run.Init.Fails = false;
        Assert.Equal([], run.Go());
    }

    [Fact]
    public void Run_WhoseBookkeepingFailsToo_ThrowsTheFirstError()
    {
        using var run = new PipelineRun(Yaml);
        run.Init.Fails = true;
        run.Init.During = () =>
        {
            File.Delete(run.File("run.json"));
            Directory.CreateDirectory(run.File("run.json")); // cannot be replaced by a file, as on a full disk
        };
        Assert.Equal("the disk is full of ducks", Assert.Throws<InvalidDataException>(() => run.Go()).Message);
    }

    [Fact]
    public void Run_KilledBetweenTheRenames_TakesTheCompleteResult()
    {
        using var run = new PipelineRun(Yaml);
        run.Go();
        Directory.CreateDirectory(run.File("base.partial"));
        Directory.Move(run.File("base"), run.File("base.partial/result"));
        Assert.Equal([], run.Go());
        Assert.True(File.Exists(run.File("base/out.txt")));
    }

    [Fact]
    public void Run_KilledWhileTheMarkerWasWritten_StartsTheStageAnew()
    {
        using var run = new PipelineRun(Yaml);
        Directory.CreateDirectory(run.File("base.partial/result"));
        File.WriteAllText(run.File("base.partial/stage.partial.json.tmp"), "{ \"fing");
        Assert.Contains("base", run.Go());
        Assert.False(Directory.Exists(run.File("base.partial")));
    }

    [Fact]
    public void Run_OnAFullDisk_LeavesNoHalfFile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        using var run = new PipelineRun(Yaml);
        Directory.CreateDirectory(run.Folder);
        File.CreateSymbolicLink(run.File("recipe.resolved.yaml.tmp"), "/dev/full");
        Assert.Throws<IOException>(() => run.Go());
        Assert.Equal([".lock"], Directory.GetFiles(run.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Run_WhereAFileStands_SaysThatNoFolderCanBeThere()
    {
        using var run = new PipelineRun(Yaml);
        File.WriteAllText(run.Folder, "precious");
        Assert.Contains($"the folder {run.Folder} cannot be made", Assert.Throws<IOException>(() => run.Go()).Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(run.Folder));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("base.partial")]
    public void Run_WhereAFolderOfSomebodyStands_RefusesToReplaceIt(string name)
    {
        using var run = new PipelineRun(Yaml);
        Directory.CreateDirectory(run.File(name));
        File.WriteAllText(run.File($"{name}/thesis.txt"), "precious");
        var error = Assert.Throws<InvalidDataException>(() => run.Go());
        Assert.Contains("was not written by a run", error.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(run.File($"{name}/thesis.txt")));
    }

    [Fact]
    public void Run_WhileAnotherWorksThere_SaysWho()
    {
        using var run = new PipelineRun(Yaml);
        IOException? error = null;
        run.Init.During = () => error = Assert.Throws<IOException>(() => run.Run(new RunOptions()));
        run.Go();
        Assert.Contains($"is in use by process {Environment.ProcessId} on {Environment.MachineName}", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithAMissingInput_DoesNothing()
    {
        using var run = new PipelineRun(Yaml);
        File.Delete(run.Input);
        var error = Assert.Throws<FileNotFoundException>(() => run.Go());
        Assert.Contains($"stages.words reads {run.Input}, and there is no such file or folder", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.Folder));
    }

    [Fact]
    public void Run_OfMoreThanTheMemory_IsRefusedUnlessTold()
    {
        using var run = new PipelineRun(Yaml);
        Assert.Contains("and there is 1000 B", Assert.Throws<ArgumentException>(() => run.Go(new RunOptions { MemoryLimit = 1000 })).Message, StringComparison.Ordinal);
        Assert.Equal(["words", "base", "sft"], run.Go(new RunOptions { MemoryLimit = 1000, IgnoreMemory = true }));
        Assert.Single(run.Events.OfType<MemoryEstimated>());
    }

    [Fact]
    public void Run_OfAKindWithoutExecutor_IsRefusedAtOnce()
    {
        using var run = new PipelineRun(Yaml + "\n  table: { kind: eval, models: [./m], data: { x: INPUT } }");
        Assert.Contains("stages.table is of kind eval, which cannot be run here", Assert.Throws<ArgumentException>(() => run.Go()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Context_Seeds_AreEqualForStagesThatShareAName()
    {
        using var run = new PipelineRun("""
            stages:
              words: { kind: tokenizer, data: INPUT, seed: shared }
              base: { kind: init, tokenizer: words, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2, seed: shared }
              sft: { kind: sft, model: base, data: INPUT, max_length: 16, token_budget: 16 }
            """);
        run.Go();
        Assert.Equal(run.Words.Draw, run.Init.Draw);
        Assert.NotEqual(run.Words.Draw, run.Sft.Draw);
    }
}
