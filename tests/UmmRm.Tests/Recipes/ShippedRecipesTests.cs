using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Tests.Recipes;

/// <summary>Every recipe of the repository, as somebody runs it: with the variables that it asks for.</summary>
public sealed class ShippedRecipesTests
{
    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "recipes"), "*.yaml", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(Repository.Root, "recipes"), path).Replace('\\', '/')).Where(name => !name.StartsWith("shared/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void Recipe_Loads_RoundTripsAndIsEstimated(string name)
    {
        using var folder = new TemporaryFolder();
        var recipe = Load(name, folder);
        var yaml = recipe.ToYaml();
        Assert.DoesNotContain("${", yaml, StringComparison.Ordinal);
        Assert.Equal(yaml, RecipeFile.Parse(yaml, "recipe.resolved.yaml").ToYaml());
        var estimate = MemoryEstimate.Of(recipe);
        Assert.NotNull(estimate.Peak);
        Assert.All(estimate.Stages, stage => Assert.Null(stage.Unknown));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Recipe_EveryModelItMakes_IsEvaluatedOrGoesIntoOneThatIs(string name)
    {
        using var folder = new TemporaryFolder();
        var recipe = Load(name, folder);
        var read = recipe.Stages.SelectMany(Recipe.InputsOf).Where(i => i.IsStage).Select(i => i.Target).ToHashSet();
        Assert.All(recipe.Stages.Where(s => s.Products.Any(product => product.Artifact != Artifact.Table)), stage => Assert.Contains(stage.Name, read));
        Assert.Contains(recipe.Stages, s => s is EvalStage);
    }

    /// <summary>The demo and the two real ones: k = 2, 4, 6 and three merges of k = 4 (METHOD 4), four members (METHOD 5), WARM's learning rates.</summary>
    [Theory]
    [InlineData("demo/default.yaml")]
    [InlineData("alpaca-eval.yaml")]
    [InlineData("harmless-base.yaml")]
    [InlineData("tinyllama/harmless.yaml")]
    [InlineData("pythia/1.4b-alpacafarm.yaml")]
    public void Recipe_ComparesWhatTheMethodCompares(string name)
    {
        using var folder = new TemporaryFolder();
        var recipe = Load(name, folder);
        Assert.Equal([2, 4, 6], recipe.Stages.OfType<UpcycleStage>().Select(s => s.Moe.TopK).Order());
        Assert.Equal(Enum.GetValues<MergeMethod>(), recipe.Stages.OfType<MergeStage>().Where(m => m.Model.Target == "moe-k4").Select(m => m.Method).Order());
        Assert.Equal(Enum.GetValues<Combination>(), recipe.Stages.OfType<EnsembleStage>().Select(e => e.Combine).Distinct().Order());
        Assert.All(recipe.Stages.OfType<EnsembleStage>(), e => Assert.Equal(4, e.Models.Distinct().Count()));

        var rewards = recipe.Stages.OfType<RewardStage>().ToDictionary(s => s.Name);
        var dense = rewards["dense"];
        var warm = recipe.Stages.OfType<AverageStage>().Single();
        Assert.Equal([0.5, 1, 2], warm.Models.Select(m => rewards[m.Target].LearningRate / dense.LearningRate).Order());
        Assert.All(warm.Models, m => Assert.Equal(dense.SeedIn(1), rewards[m.Target].SeedIn(1)));
        Assert.All(recipe.Stages.OfType<UpcycleStage>(), s => Assert.Equal(dense.SeedIn(1), s.SeedIn(1)));
        Assert.Equal(4, recipe.Stages.OfType<EnsembleStage>().First().Models.Select(m => rewards[m.Target].SeedIn(1)).Distinct().Count());
        Assert.All(rewards.Values.Where(r => r.Model.Target.StartsWith("upcycled", StringComparison.Ordinal)),
            moe => Assert.Equal((dense.LearningRate, dense.Epochs, dense.BatchSize, dense.Data.Path), (moe.LearningRate, moe.Epochs, moe.BatchSize, moe.Data.Path)));
    }

    /// <summary>The paper's sweep (IV-G) in one recipe: a policy against the merged model at every k, every alpha and every method of merging, which differ in nothing else.</summary>
    [Fact]
    public void SweepRecipe_TrainsAPolicyAtEveryKAlphaAndMerge()
    {
        using var folder = new TemporaryFolder();
        var recipe = Load("demo/sweep.yaml", folder);
        var verdict = recipe.Stages.OfType<VerdictStage>().Single();
        var policies = verdict.Curves.Select(curve => (PpoStage)recipe[curve.Target]).ToList();
        List<(int TopK, double Alpha, MergeMethod Method)> merged = [.. policies.Where(policy => recipe[policy.Proxy.Target] is MergeStage).Select(policy =>
        {
            var merge = (MergeStage)recipe[policy.Proxy.Target];
            var moe = ((UpcycleStage)recipe[((RewardStage)recipe[merge.Model.Target]).Model.Target]).Moe;
            return (moe.TopK, moe.SharedExpertWeight, merge.Method);
        })];
        Assert.Equal([2, 4, 6], merged.Where(at => at is { Alpha: 0.5, Method: MergeMethod.Learned }).Select(at => at.TopK).Order());
        Assert.Equal([0.1, 0.5, 0.75, 0.9], merged.Where(at => at is { TopK: 6, Method: MergeMethod.Learned }).Select(at => at.Alpha).Order());
        Assert.Equal(Enum.GetValues<MergeMethod>(), merged.Where(at => at is { TopK: 6, Alpha: 0.5 }).Select(at => at.Method).Order());
        Assert.Contains(policies, policy => policy.Proxy.Target == "moe-k6");
        Assert.Contains(policies, policy => policy.Proxy.Target == "dense");
        Assert.Equal(recipe.Stages.OfType<PpoStage>().Select(policy => policy.Name).Order(), policies.Select(policy => policy.Name).Order());
    }

    /// <summary>METHOD 6's settings.</summary>
    [Theory]
    [InlineData("tinyllama/alpacafarm.yaml", "<unk>")]
    [InlineData("tinyllama/webgpt.yaml", "<unk>")]
    [InlineData("qwen2.5/0.5b-helpful.yaml", "<|fim_pad|>")]
    [InlineData("qwen2.5/1.5b-harmless.yaml", "<|fim_pad|>")]
    [InlineData("pythia/1.4b-webgpt.yaml", "<|padding|>")]
    public void PaperRecipe_HasThePapersSettingsAndItsModelsPadToken(string name, string pad)
    {
        using var folder = new TemporaryFolder();
        var recipe = Load(name, folder);
        var sft = (SftStage)recipe["sft"];
        Assert.Equal((pad, 3, 16, 512, 8e-6, 600), (sft.PadToken, sft.Epochs, sft.BatchSize, sft.MaxLength, sft.LearningRate, sft.WarmupSteps));
        var dense = (RewardStage)recipe["dense"];
        Assert.Equal((3, 32, 520, 1e-5, 0.03), (dense.Epochs, dense.BatchSize, dense.MaxLength, dense.LearningRate, dense.WarmupRatio));
    }

    /// <summary>METHOD 6's slices: what SFT, reward models, merges and validation read does not overlap.</summary>
    [Theory]
    [InlineData("tinyllama/harmless.yaml", "[0:12000]", "[12000:21700]", "[21700:22000]", "[22000:22500]")]
    [InlineData("tinyllama/webgpt.yaml", "[0:11000]", "[11000:17700]", "[17700:18000]", "[18000:]")]
    public void PaperRecipe_SlicesAreTheMethods(string name, string sft, string train, string calibration, string validation)
    {
        using var folder = new TemporaryFolder();
        var recipe = Load(name, folder);
        Assert.Equal(sft, ((SftStage)recipe["sft"]).Data.Path.Slice);
        Assert.Equal(train, ((RewardStage)recipe["moe-k6"]).Data.Path.Slice);
        Assert.Equal(calibration, ((MergeStage)recipe["umm-k6"]).Data!.Path.Slice);
        Assert.Equal(validation, ((EvalStage)recipe["accuracy"]).Data["validation"].Path.Slice);
    }

    [Fact]
    public void ReadmesExample_IsARecipe()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "recipes", "README.md"));
        var yaml = readme.Split("```yaml\n")[1].Split("```")[0];
        var recipe = RecipeFile.Parse(yaml, "README.md", ["settings.reward.epochs=1"]);
        Assert.Equal(["sft", "dense", "slow", "warm"], recipe.Stages.Select(s => s.Name));
        Assert.All(recipe.Stages.OfType<RewardStage>(), s => Assert.Equal(1, s.Epochs));
    }

    /// <summary>The counts that the data's own notes give: five rows of harmless-base (86, 516, 925, 1103, 1254) cannot be used.</summary>
    [Fact]
    public void RealRecipes_ReadTheRowsTheySay()
    {
        Assert.Equal([3183, 300, 1512, 532], Counts("alpaca-eval.yaml", Repository.SharedData("alpaca_eval")));
        Assert.Equal([1047, 149, 299], Counts("harmless-base.yaml", Repository.SharedData("hh-rlhf", "harmless-base")));
    }

    private static IEnumerable<int> Counts(string name, string root)
    {
        using var folder = new TemporaryFolder();
        var recipe = RecipeFile.Load(Path.Combine(Repository.Root, "recipes", name), [$"data.root={root}"]);
        var (dense, merge, table) = ((RewardStage)recipe["dense"], (MergeStage)recipe["umm-k4"], (EvalStage)recipe["accuracy"]);
        var context = new StageContext(recipe, dense, folder.Path, new StageFolder(folder.Path, "dense"), stage => stage, new Lazy<MetricLog>(() => MetricLog.Open(folder.Path)), _ => { }, _ => { });
        return [.. table.Data.Values.Prepend(merge.Data!).Prepend(dense.Data).Select(data => PreferenceData.Read(context.SourceOf(data), new ReadOptions { BadRows = dense.BadRows, Columns = data.Columns }).Rows.Count)];
    }

    private static Recipe Load(string name, TemporaryFolder folder)
    {
        var path = Path.Combine(Repository.Root, "recipes", name);
        var text = File.ReadAllText(path);
        while (text.Split('\n').FirstOrDefault(line => line.StartsWith("extends: ", StringComparison.Ordinal)) is { } extends)
        {
            path = Path.Combine(Path.GetDirectoryName(path)!, extends["extends: ".Length..].Trim());
            text = text.Replace(extends, "", StringComparison.Ordinal) + "\n" + File.ReadAllText(path);
        }
        string[] asked = ["root", "model", "gold", "tokenizer", "pairs"];
        var sets = asked.Where(v => text.Contains($"--set data.{v}=", StringComparison.Ordinal)).Select(v => $"data.{v}={Path.Combine(folder.Path, v)}");
        var model = name.Split('/')[0] switch { "pythia" => "pythia-1.4b", "qwen2.5" => $"qwen2.5-{name.Split('/')[1][..4]}", _ => "tinyllama" };
        folder.Write("model/config.json", PublishedModels.ConfigJson(model));
        folder.Write("gold/config.json", PublishedModels.ConfigJson("qwen2.5-1.5b").Replace("ForCausalLM", "ForSequenceClassification", StringComparison.Ordinal));
        return RecipeFile.Load(Path.Combine(Repository.Root, "recipes", name), sets);
    }
}
