using UmmRm.Recipes;
using UmmRm.Tests.Cli;
using UmmRm.Tests.Hub;

namespace UmmRm.Tests.Recipes;

/// <summary>A recipe whose model and rows lie on a hub.</summary>
public sealed class OutsideInputsTests : IDisposable
{
    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _hub.Dispose();
    }

    [Fact]
    public void Run_InputsOfTheHub_AreFetchedOnceAndTheirCommitIsRecorded()
    {
        using var models = new TinyModels();
        foreach (var file in Directory.GetFiles(models.Reward()))
            _hub.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        _hub.Files["data/test-00000-of-00001.jsonl"] = """{"prompt": "w10", "chosen": " w11", "rejected": " w12"}"""u8.ToArray();
        var recipe = RecipeFile.Parse(
            """
            name: hub
            stages:
              accuracy: { kind: eval, models: [org/name], data: { test: "org/name:data/test[0:1]" }, template: raw }
            """, "recipe.yaml");
        Assert.Equal(recipe.ToYaml(), RecipeFile.Parse(recipe.ToYaml(), "again.yaml").ToYaml());
        var first = Run(recipe);
        Assert.Equal($"org/name@{FakeHub.Commit}", first.Inputs["org/name"]);
        Assert.Equal(RunStatus.Done, first.Stages["accuracy"].Status);
        var requests = _hub.RequestsElsewhere.Count;
        Assert.Equal(RunStatus.Skipped, Run(recipe).Stages["accuracy"].Status);
        Assert.Equal(requests, _hub.RequestsElsewhere.Count);
    }

    [Fact]
    public void Run_NotOnTheHub_FailsBeforeAnythingIsDone()
    {
        var recipe = RecipeFile.Parse("stages: { world: { kind: world }, accuracy: { kind: eval, models: [org/other], data: { test: ./hub-test.jsonl } } }", "recipe.yaml");
        Assert.Contains("hub-test.jsonl", Assert.Throws<FileNotFoundException>(() => Run(recipe)).Message, StringComparison.Ordinal); // what is looked for here comes first
        Assert.Empty(_hub.Requests);
        recipe = RecipeFile.Parse("stages: { world: { kind: world }, tokenizer: { kind: tokenizer, vocab_size: 300, data: world:texts }, mixture: { kind: upcycle, model: org/other, moe: { num_experts: 4, top_k: 2 } } }", "recipe.yaml");
        Assert.Contains("no such model", Assert.ThrowsAny<IOException>(() => Run(recipe)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "run", "world")));
    }

    [Fact]
    public void Parse_NamedDataSet_IsDataAndNothingElse()
    {
        var recipe = RecipeFile.Parse("stages: { dense: { kind: reward, model: ./sft, data: 'hh-harmless:train[0:5]' } }", "recipe.yaml");
        Assert.Equal("hh-harmless:train[0:5]", ((RewardStage)recipe["dense"]).Data.Path.ToString());
        Assert.Contains("did you mean hh-harmless", Assert.Throws<InvalidDataException>(() => RecipeFile.Parse("stages: { dense: { kind: reward, model: ./sft, data: 'hh-harmles:train' } }", "recipe.yaml")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => RecipeFile.Parse("stages: { dense: { kind: reward, model: hh-harmless, data: ./x } }", "recipe.yaml"));
    }

    private RunRecord Run(Recipe recipe) => new Pipeline(StandardExecutors.Create()).Run(recipe, Path.Combine(_folder.Path, "run"), new RunOptions { Hub = _hub.Settings, IgnoreMemory = true });
}
