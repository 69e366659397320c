using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class SweepTests
{
    private const string Yaml = """
        name: three
        stages:
          words: { kind: tokenizer, data: INPUT, seed: words }
          base: { kind: init, tokenizer: words, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 }
          sft: { kind: sft, model: base, data: INPUT, max_length: 16, token_budget: 16 }
        """;

    [Fact]
    public void Grid_IsEveryCombination()
    {
        var points = SweepPoint.Grid(["stages.a.learning_rate=1e-4,3e-4", "stages.b.betas=[0.9, 0.95],[0.9, 0.999]"]);
        Assert.Equal(["learning_rate=1e-4,betas=_0.9__0.95_", "learning_rate=1e-4,betas=_0.9__0.999_", "learning_rate=3e-4,betas=_0.9__0.95_", "learning_rate=3e-4,betas=_0.9__0.999_"], points.Select(point => point.Name));
        Assert.Equal(["stages.a.learning_rate=3e-4", "stages.b.betas=[0.9, 0.999]"], points[3].Sets);
        Assert.Equal(["a.x=1,b.x=2"], SweepPoint.Grid(["a.x=1", "b.x=2"]).Select(point => point.Name)); // alike last names are told apart
        Assert.Equal(new SweepPoint("", []).Name, Assert.Single(SweepPoint.Grid([])).Name);
    }

    [Theory]
    [InlineData("learning_rate", "--grid learning_rate: KEY=VALUE,VALUE,... is expected")]
    [InlineData("a.b=1,,2", "KEY=VALUE,VALUE,... is expected")]
    [InlineData("a.b=1,1", "a value stands there twice")]
    public void Grid_Malformed_IsRefused(string axis, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<ArgumentException>(() => SweepPoint.Grid([axis])).Message, StringComparison.Ordinal);

    [Fact]
    public void Run_EverySeedAtEveryPoint_DoesWhatPointsShareOnce()
    {
        using var folder = new TemporaryFolder();
        var (sweep, done) = (Plan(folder, [3, 5]), new List<string>());
        Go(sweep, jobs: 2, done);
        Assert.Equal(["seed-3", "seed-5"], new DirectoryInfo(folder["out/rope_theta=5000"]).GetDirectories().Select(d => d.Name).Order());
        Assert.Equal(2 * 1 + 2 * 2 * 2, done.Count); // a seed: words once, base and sft at each of two points
        Assert.Equal("sft of base of words of input", File.ReadAllText(folder["out/rope_theta=10000/seed-5/sft/out.txt"]));
        Assert.Equal([.. sweep.Runs.Where(run => run.Point == sweep.Points[1]).Select(run => run.Folder)], sweep.FoldersOf(sweep.Points[1]));
        done.Clear();
        Go(sweep, jobs: 2, done);
        Assert.Empty(done);
    }

    [Fact]
    public void Run_OneFails_TheOthersAreDone()
    {
        using var folder = new TemporaryFolder();
        var (sweep, done) = (Plan(folder, [3, 5]), new List<string>());
        Directory.CreateDirectory(folder["out/rope_theta=5000/seed-3/base"]);
        folder.Write("out/rope_theta=5000/seed-3/base/mine.txt", "not ours to replace");
        var error = Assert.Throws<InvalidDataException>(() => Go(sweep, jobs: 1, done));
        Assert.Contains(FormattableString.Invariant($"1 of 4 runs failed ({Path.Combine("rope_theta=5000", "seed-3")}); the first: "), error.Message, StringComparison.Ordinal);
        Assert.Contains("was not written by a run", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["out/rope_theta=5000/seed-5/sft/out.txt"]));
    }

    [Fact]
    public void Plan_WrongSeedsOrKeys_AreRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("each once", Assert.Throws<ArgumentException>(() => Plan(folder, [3, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("each once", Assert.Throws<ArgumentException>(() => Plan(folder, [])).Message, StringComparison.Ordinal);
        Assert.Contains("stages.bose", Assert.Throws<ArgumentException>(() => Plan(folder, [1], "stages.bose.rope_theta=1,2")).Message, StringComparison.Ordinal);
    }

    private static Sweep Plan(TemporaryFolder folder, IReadOnlyList<long> seeds, string axis = "stages.base.rope_theta=10000,5000")
    {
        var yaml = Yaml.Replace("INPUT", folder.Write("input.txt", "input"), StringComparison.Ordinal);
        return Sweep.Plan(folder["out"], SweepPoint.Grid([axis]), seeds, sets => RecipeFile.Parse(yaml, "r.yaml", sets));
    }

    private static void Go(Sweep sweep, int jobs, List<string> done)
    {
        PipelineRun.LineExecutor Line(Func<Stage, InputReference> inputOf) => new(inputOf);
        var executors = new StageExecutors().Add<TokenizerStage>(Line(stage => ((TokenizerStage)stage).Data[0].Path)).Add<InitStage>(Line(stage => ((InitStage)stage).Tokenizer)).Add<SftStage>(Line(stage => ((SftStage)stage).Model));
        sweep.Run(new Pipeline(executors), jobs, run => new RunOptions { Events = happened => { if (happened is StageFinished) lock (done) done.Add($"{run.Name}/{happened.Stage}"); } }, TestContext.Current.CancellationToken);
    }
}
