using System.Text.Json.Nodes;
using UmmRm.Evaluation;
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
        "stages.bon.samples=4", "stages.sensitivity.data=test-pairs",
        "data.prompts=world:prompts[0:64]", "data.eval_prompts=world:prompts[64:96]", "settings.ppo.max_steps=3", "settings.ppo.rollouts=16", "settings.ppo.batch_size=8", "settings.ppo.epochs=1", "settings.ppo.eval_every=1", "settings.ppo.precision=float32",
    ];

    [Fact]
    public void Run_SideBySide_GivesWhatOneAfterTheOtherGives()
    {
        using var folder = new TemporaryFolder();
        var (one, three) = (Path.Combine(folder.Path, "one"), Path.Combine(folder.Path, "three"));
        Run(one, jobs: 1);
        Run(three, jobs: 3);
        var files = Directory.EnumerateFiles(one, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(one, file))
            .Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal) || Path.GetFileName(file) is "results.json" or "curve.json" or "verdict.json" or "transfer.json" or "bon.json" or "sensitivity.json" || file.EndsWith(".jsonl", StringComparison.Ordinal)).ToList();
        Assert.Contains(Path.Combine("umm-k6", "model.safetensors"), files);
        Assert.Contains(Path.Combine("ppo-umm-k6", "curve.json"), files);
        Assert.Contains(Path.Combine("verdict", "verdict.json"), files);
        Assert.All(files.Where(file => file != "metrics.jsonl"), file => Assert.Equal(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(three, file))));
        Assert.Equal(Metrics(one), Metrics(three));
    }

    [Fact]
    public void Run_PoliciesAgainstEveryReward_EndInVerdictAndTransferMatrix()
    {
        using var folder = new TemporaryFolder();
        var run = Path.Combine(folder.Path, "run");
        Run(run, jobs: 2);
        var recipe = RecipeFile.Load(Path.Combine(run, "recipe.resolved.yaml"));
        var stage = recipe.Stages.OfType<VerdictStage>().Single();
        var verdicts = VerdictExecutor.JudgeRuns(stage, [run]);
        Assert.Equal([.. stage.Curves.Select(VerdictExecutor.NameOf), "ppo-dense, stopped at 3 nats"], verdicts.Select(verdict => verdict.Method));
        Assert.All(verdicts, verdict => Assert.Equal(verdicts[0].GoldStart.Mean, verdict.GoldStart.Mean)); // one policy, one set of prompts, the same draws
        var curves = stage.Curves.Select(curve => ProxyGoldCurve.Read(curve.PathIn(run))).ToList();
        Assert.All(curves, curve => Assert.Equal([0L, 2, 3], curve.Evaluations.Select(evaluation => evaluation.Step)));
        Assert.All(curves, curve => Assert.Equal(0, curve.Evaluations[0].ProxyZ, 1e-9));
        Assert.All(curves, curve => Assert.Equal(0, curve.Evaluations[0].RefereeGap!.Value, 1e-9));
        Assert.Contains(curves, curve => Math.Abs(curve.Evaluations[^1].RefereeGap!.Value) > 1e-9);

        var matrix = TransferMatrix.Read(Path.Combine(run, "transfer"));
        Assert.Equal(stage.Curves.Select(VerdictExecutor.NameOf), matrix.Policies);
        foreach (var (policy, curve) in new[] { ("ppo-dense", 0), ("ppo-umm-k2", 1) }) // its own proxy scores its final answers as the training's last evaluation did
        {
            var own = recipe[policy] is PpoStage ppo ? ppo.Proxy.ToString() : "";
            Assert.Equal(curves[curve].Evaluations[^1].ProxyZ, matrix.Z[matrix.Policies.ToList().IndexOf(policy)][matrix.Rewards.ToList().IndexOf(own)], 1e-5);
        }

        var bon = BonResult.Read(Path.Combine(run, "bon"));
        Assert.Equal((32, 4, "world:gold"), (bon.Prompts, bon.Samples, bon.Curves[^1].Reward));
        Assert.All(bon.Curves, curve => Assert.Equal(bon.Curves[0].Points[0].Gold, curve.Points[0].Gold, 1e-9)); // one of one is no choice
        Assert.All(bon.Curves.SkipLast(1), curve => Assert.True(curve.Points[^1].Gold <= bon.Curves[^1].Points[^1].Gold)); // nobody chooses better than gold
        Assert.All(bon.Curves, curve => Assert.True(curve.Points[^1].ProxyZ > curve.Points[0].ProxyZ));

        var sensitivity = SensitivityResult.Read(Path.Combine(run, "sensitivity"));
        Assert.Equal((7, 2), (sensitivity.Spreads[0].Members.Count, sensitivity.Spreads.Count));
        Assert.All(sensitivity.Rewards, reward => Assert.True(reward.Measures[0].Mean > 0));
    }

    private static void Run(string folder, int jobs)
    {
        var recipe = RecipeFile.Load(Path.Combine(Repository.Root, "recipes", "demo", "default.yaml"), Tiny);
        new Pipeline(StandardExecutors.Create()).Run(recipe, folder, new RunOptions { Jobs = jobs, Threads = jobs }, TestContext.Current.CancellationToken);
    }

    /// <summary>Every line without its times, in an order that does not depend on when it was written.</summary>
    private static IEnumerable<string> Metrics(string folder) => File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line =>
    {
        var json = JsonNode.Parse(line)!.AsObject();
        json.Remove("time");
        foreach (var seconds in json.Select(entry => entry.Key).Where(key => key.StartsWith("time/", StringComparison.Ordinal)).ToList())
            json.Remove(seconds);
        return json.ToJsonString();
    }).Order(StringComparer.Ordinal);
}
