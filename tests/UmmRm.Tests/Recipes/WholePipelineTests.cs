using System.Text.Json.Nodes;
using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

/// <summary>The demo's recipe with everything made tiny, by the real executors.</summary>
public sealed class WholePipelineTests
{
    private static readonly string[] Tiny =
    [
        "stages.world.texts=96", "stages.world.demonstrations=64", "stages.world.prompts=96", "stages.world.shifted=32", "stages.world.core=32",
        "stages.backbone.hidden_size=16", "stages.backbone.intermediate_size=24", "stages.backbone.num_hidden_layers=1", "stages.backbone.num_attention_heads=2",
        "stages.pretrained.epochs=1", "settings.sft.epochs=1", "settings.reward.epochs=1", "settings.reward.batch_size=8",
        "stages.pairs.prompts=world:prompts[0:64]", "stages.test-pairs.prompts=world:prompts[64:96]", "data.train=pairs:[0:32]", "data.calibration=pairs:[32:]",
        "settings.merge.steps=4", "settings.merge.batch_size=8",
    ];

    [Fact]
    public void Run_SideBySide_GivesWhatOneAfterTheOtherGives()
    {
        using var folder = new TemporaryFolder();
        var (one, three) = (Path.Combine(folder.Path, "one"), Path.Combine(folder.Path, "three"));
        Run(one, jobs: 1);
        Run(three, jobs: 3);
        var files = Directory.EnumerateFiles(one, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(one, file))
            .Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith("results.json", StringComparison.Ordinal) || file.EndsWith(".jsonl", StringComparison.Ordinal)).ToList();
        Assert.Contains(Path.Combine("umm-k6", "model.safetensors"), files);
        Assert.All(files.Where(file => file != "metrics.jsonl"), file => Assert.Equal(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(three, file))));
        Assert.Equal(Metrics(one), Metrics(three));
    }

    private static void Run(string folder, int jobs)
    {
        var recipe = RecipeFile.Load(Path.Combine(Repository.Root, "recipes", "demo", "default.yaml"), Tiny);
        new Pipeline(StandardExecutors.Create()).Run(recipe, folder, new RunOptions { Jobs = jobs, Threads = jobs }, TestContext.Current.CancellationToken);
    }

    /// <summary>Every line without its time, in an order that does not depend on when it was written.</summary>
    private static IEnumerable<string> Metrics(string folder) => File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line =>
    {
        var json = JsonNode.Parse(line)!.AsObject();
        json.Remove("time");
        return json.ToJsonString();
    }).Order(StringComparer.Ordinal);
}
