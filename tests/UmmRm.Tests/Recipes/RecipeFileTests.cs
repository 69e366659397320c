using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Recipes;
using UmmRm.Runtime;
using UmmRm.Training;

namespace UmmRm.Tests.Recipes;

public sealed class RecipeFileTests
{
    private const string Small = """
        name: small
        description: two stages
        seed: 7
        data:
          root: ./rows
          epochs: 2
        stages:
          sft:
            kind: sft
            model: ./base
            data: ${data.root}/sft.jsonl
            epochs: ${data.epochs}
          dense:
            kind: reward
            model: sft
            data: ${data.root}/pairs:train[10:20]
        """;

    [Fact]
    public void Parse_SmallRecipe_BindsNamesNumbersAndReferences()
    {
        var recipe = RecipeFile.Parse(Small, "small.yaml");
        Assert.Equal(("small", "two stages", 7L), (recipe.Name, recipe.Description, recipe.Seed));
        var sft = Assert.IsType<SftStage>(recipe["sft"]);
        Assert.Equal(2, sft.Epochs);
        Assert.Equal(Path.GetFullPath("./rows/sft.jsonl"), sft.Data.Path.Target);
        var dense = Assert.IsType<RewardStage>(recipe["dense"]);
        Assert.True(dense.Model.IsStage);
        Assert.Equal(("sft", Artifact.Policy), (dense.Model.Target, dense.Model.Artifact));
        Assert.Equal((Path.GetFullPath("./rows/pairs"), "train", "[10:20]"), (dense.Data.Path.Target, dense.Data.Path.Part, dense.Data.Path.Slice));
    }

    [Fact]
    public void Parse_NothingGiven_DefaultsAreTheMethods()
    {
        var recipe = RecipeFile.Parse(Small, "small.yaml", ["data.epochs=3"]);
        var sft = (SftStage)recipe["sft"];
        Assert.Equal((3, 16, 512, 8e-6, 600, null), (sft.Epochs, sft.BatchSize, sft.MaxLength, sft.LearningRate, sft.WarmupSteps, sft.WarmupRatio));
        var dense = (RewardStage)recipe["dense"];
        Assert.Equal((3, 32, 520, 1e-5, null, 0.03), (dense.Epochs, dense.BatchSize, dense.MaxLength, dense.LearningRate, dense.WarmupSteps, dense.WarmupRatio));
        Assert.Equal([0.9, 0.95], dense.Betas);
        Assert.Equal((1e-12, 2.0, 0.0, ScheduleKind.Cosine), (dense.Epsilon, dense.Clip, dense.WeightDecay, dense.Schedule));
        Assert.Equal((Margin.None, 0.0, 0.0, 0.0, 0.0), (dense.Margin, dense.Center, dense.ScoreL2, dense.LabelSmoothing, dense.LoadBalance));
        Assert.Equal((BadRows.Error, OverLength.Drop, Precision.Float32), (dense.BadRows, dense.OverLength, dense.Precision));
    }

    [Fact]
    public void Parse_StagesOutOfOrder_EachStandsBehindWhatItReads()
    {
        var recipe = RecipeFile.Parse("""
            stages:
              merged: { kind: merge, model: trained, method: uniform }
              trained: { kind: reward, model: upcycled, data: ./pairs.jsonl }
              upcycled: { kind: upcycle, model: ./base }
            """, "r.yaml");
        Assert.Equal(["upcycled", "trained", "merged"], recipe.Stages.Select(s => s.Name));
        Assert.Equal(Artifact.Mixture, recipe["trained"].Products.Single().Artifact);
        Assert.Equal(["trained"], Recipe.InputsOf(recipe["merged"]).Select(i => i.Target));
    }

    [Fact]
    public void Parse_AnchorsAndMergeKeys_ExplicitKeysWinAndEarlierMappingsComeFirst()
    {
        var recipe = RecipeFile.Parse("""
            settings:
              a: &a { epochs: 5, batch_size: 7 }
              b: &b { epochs: 6, clip: 0.5 }
            stages:
              one: &one { <<: [*a, *b], kind: reward, model: ./m, data: ./d.jsonl, batch_size: 9 }
              two: { <<: *one, seed: 4 }
            """, "r.yaml");
        foreach (var stage in recipe.Stages.Cast<RewardStage>())
            Assert.Equal((5, 9, 0.5), (stage.Epochs, stage.BatchSize, stage.Clip));
        Assert.Null(recipe["one"].Seed);
        Assert.Equal(4, recipe["two"].SeedIn(99));
    }

    [Fact]
    public void Parse_SetOfAStage_ChangesThatStageAlone()
    {
        const string yaml = """
            stages:
              one: &one { kind: reward, model: ./m, data: ./d.jsonl }
              two: { <<: *one }
            """;
        var recipe = RecipeFile.Parse(yaml, "r.yaml", ["stages.one.epochs=1", "stages.one.betas=[0.8, 0.9]", "seed=12"]);
        Assert.Equal([1, 3], recipe.Stages.Cast<RewardStage>().Select(s => s.Epochs));
        Assert.Equal([0.8, 0.9], ((RewardStage)recipe["one"]).Betas);
        Assert.Equal(12, recipe.Seed);
    }

    [Fact]
    public void Parse_SetOfASetting_ChangesEveryStageThatTakesItOver()
    {
        const string yaml = """
            settings: { rm: &rm { kind: reward, model: ./m, data: ./d.jsonl } }
            stages: { one: { <<: *rm }, two: { <<: *rm, epochs: 8 }, three: { <<: *rm } }
            """;
        var recipe = RecipeFile.Parse(yaml, "r.yaml", ["settings.rm.epochs=2"]);
        Assert.Equal([2, 8, 2], recipe.Stages.Cast<RewardStage>().Select(s => s.Epochs));
    }

    [Fact]
    public void Load_Extends_ChangesSettingsStagesAndVariablesOfTheOtherFile()
    {
        using var folder = new TemporaryFolder();
        folder.Write("shared/base.yaml", """
            name: base
            data: { root: }
            settings: { rm: &rm { kind: reward, model: ./m, data: "${data.root}/pairs.jsonl" } }
            stages: { one: { <<: *rm }, two: { <<: *rm } }
            """);
        var path = folder.Write("mine.yaml", """
            extends: shared/base.yaml
            name: mine
            data: { root: ./rows }
            settings: { rm: { epochs: 9 } }
            stages:
              one: { batch_size: 4 }
              two: null
              three: { kind: merge, model: ./moe, method: uniform }
            """);
        var recipe = RecipeFile.Load(path);
        Assert.Equal("mine", recipe.Name);
        Assert.Equal(["one", "three"], recipe.Stages.Select(s => s.Name));
        var one = (RewardStage)recipe["one"];
        Assert.Equal((9, 4, Path.GetFullPath("./rows/pairs.jsonl")), (one.Epochs, one.BatchSize, one.Data.Path.Target));
    }

    [Fact]
    public void Load_NoName_IsCalledAsItsFile()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("tiny", RecipeFile.Load(folder.Write("tiny.yaml", "stages: { w: { kind: world } }")).Name);
    }

    [Fact]
    public void Parse_PathInTheHomeFolder_IsAbsolute()
    {
        var stage = (UpcycleStage)RecipeFile.OneStage("upcycle", "model", ["model=~/models/x"])["model"];
        Assert.Equal(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "models", "x"), stage.Model.Target);
    }

    [Fact]
    public void Parse_OneOfTwoAlternatives_ClearsTheOthersDefault()
    {
        var sft = (SftStage)RecipeFile.Parse(Small, "small.yaml", ["stages.sft.warmup_ratio=0.1"])["sft"];
        Assert.Equal((null, 0.1), (sft.WarmupSteps, sft.WarmupRatio));
    }

    [Fact]
    public void Parse_PartOfAWorld_IsFoundByWhatTheKeyTakes()
    {
        var recipe = RecipeFile.Parse("""
            stages:
              world: { kind: world }
              model: { kind: init, tokenizer: world, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 }
              policy: { kind: sft, model: model, data: world:demonstrations }
              pairs: { kind: pairs, model: policy, prompts: "world:prompts[0:50]", gold: world }
            """, "r.yaml");
        var pairs = (PairsStage)recipe["pairs"];
        Assert.Equal("world:prompts[0:50]", pairs.Prompts.Path.ToString());
        Assert.Equal("world:gold", pairs.Gold.ToString());
        Assert.Equal("world:tokenizer", ((InitStage)recipe["model"]).Tokenizer.ToString());
    }

    [Theory]
    [InlineData("llama", ModelFamily.Llama)]
    [InlineData("qwen2", ModelFamily.Qwen2)]
    [InlineData("gpt_neox", ModelFamily.GptNeoX)]
    public void Init_Architectures_MakeTheFamiliesConfig(string word, ModelFamily family)
    {
        var init = (InitStage)RecipeFile.OneStage("init", "model", ["tokenizer=./t", $"architecture={word}", "hidden_size=32", "intermediate_size=64", "num_hidden_layers=3", "num_attention_heads=4", "head_dim=16"])["model"];
        var config = init.ToModelConfig(tokens: 100);
        Assert.Equal((family, 100, 32, 64, 3, 4, 4, 16), (config.Family, config.VocabSize, config.HiddenSize, config.IntermediateSize, config.NumLayers, config.NumHeads, config.NumKeyValueHeads, config.HeadDim));
        Assert.Equal(family != ModelFamily.Llama, config.QueryKeyValueBias);
        Assert.Equal(family == ModelFamily.GptNeoX ? 0.25 : 1, config.RotaryFraction);
    }

    [Fact]
    public void OneStage_KeysOfAVerb_MakeAStage()
    {
        var recipe = RecipeFile.OneStage("reward", "model", ["model=./sft", "data.path=./pairs:train", "data.columns.chosen=better", "epochs=1", "margin=data", "clip=null"], seed: 5);
        var stage = (RewardStage)recipe["model"];
        Assert.Equal((5L, 1, new Margin(true, 0), null), (recipe.Seed, stage.Epochs, stage.Margin, stage.Clip));
        Assert.Equal("better", stage.Data.Columns["chosen"]);
        Assert.Equal("train", stage.Data.Path.Part);
    }

    [Fact]
    public void ToTrainingSettings_OfAStage_CarriesEveryKey()
    {
        var stage = (RewardStage)RecipeFile.OneStage("reward", "model", ["model=./m", "data=./d.jsonl", "max_steps=11", "batch_size=5", "token_budget=99", "learning_rate=0.25", "betas=[0.5, 0.75]",
            "epsilon=0.125", "weight_decay=0.0625", "clip=3", "schedule=linear", "warmup_steps=4", "final_learning_rate_ratio=0.5", "epochs=6", "center=0.5", "score_l2=0.25", "label_smoothing=0.125"])["model"];
        var expected = new TrainingSettings
        {
            Epochs = 6,
            MaxSteps = 11,
            BatchSize = 5,
            TokenBudget = 99,
            Schedule = ScheduleKind.Linear,
            WarmupSteps = 4,
            WarmupRatio = 0,
            FinalLearningRateRatio = 0.5,
            Seed = 77,
            PadId = 3,
            Optimizer = new AdamWSettings { LearningRate = 0.25, Beta1 = 0.5, Beta2 = 0.75, Epsilon = 0.125, WeightDecay = 0.0625, Clip = 3 },
        };
        Assert.Equal(expected, stage.ToTrainingSettings(seed: 77, padId: 3)); // warmup_steps stands in for the default warmup_ratio
        Assert.Equal(new BradleyTerryLoss { Center = 0.5, ScoreL2 = 0.25, LabelSmoothing = 0.125 }, stage.ToLoss());
    }

    [Fact]
    public void Seeds_OfOneName_AreEqualAndFollowTheRecipe()
    {
        var (a, b, c) = (new UpcycleStage { Name = "a", Model = Outside, Seed = new StageSeed("rm") }, new UpcycleStage { Name = "b", Model = Outside, Seed = new StageSeed("rm") }, new UpcycleStage { Name = "c", Model = Outside });
        Assert.Equal(a.SeedIn(1), b.SeedIn(1));
        Assert.NotEqual(a.SeedIn(1), a.SeedIn(2));
        Assert.NotEqual(a.SeedIn(1), c.SeedIn(1));
        Assert.Equal(c.SeedIn(1), (c with { Seed = new StageSeed("c") }).SeedIn(1));
    }

    [Fact]
    public void ToYaml_EveryKind_LoadsAsTheSameRecipe()
    {
        var recipe = RecipeFile.Parse("""
            name: "a: #1"
            description: |
              two
              lines, "quoted"
            seed: 3
            stages:
              world: { kind: world, texts: 10 }
              words: { kind: tokenizer, data: [world:texts, { path: ./x.jsonl, columns: { text: "1" } }], special_tokens: ["<a>", "null", "~", ""], bos_token: null }
              base: { kind: init, tokenizer: words, architecture: gpt_neox, hidden_size: 16, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2, dtype: bfloat16 }
              sft: { kind: sft, model: base, data: world:texts, warmup_ratio: 0.5, template: ./t.jinja, over_length: cut, precision: mixed }
              pairs: { kind: pairs, model: sft, prompts: world:prompts, gold: world }
              labels: { kind: label, model: world, data: "pairs:[0:5]", noise: 0.25 }
              dense: { kind: reward, model: sft, data: labels, margin: 1.5, seed: x, template: hh }
              moe: { kind: upcycle, model: dense, moe: { num_experts: 4, top_k: 3, shared_expert_weight: 0.1 } }
              umm: { kind: merge, model: moe, method: expected-gate, data: labels }
              warm: { kind: average, models: [dense, umm], weights: [1, 2.5] }
              team: { kind: ensemble, models: [dense, warm], combine: uwo, reference: pairs }
              table: { kind: eval, models: [dense, team], against: team, data: { "a b": labels, hub: org/name } }
            """, "r.yaml");
        var yaml = recipe.ToYaml();
        var again = RecipeFile.Parse(yaml, "recipe.resolved.yaml");
        Assert.Equal(yaml, again.ToYaml());
        Assert.Equal(("a: #1", "two\nlines, \"quoted\"\n", 3L), (again.Name, again.Description, again.Seed));
        Assert.Equal(recipe.Stages.Select(s => (s.Name, s.GetType(), s.SeedIn(3))), again.Stages.Select(s => (s.Name, s.GetType(), s.SeedIn(3))));
        Assert.Equal(["<a>", "null", "~", ""], ((TokenizerStage)again["words"]).SpecialTokens);
        Assert.Equal((null, 0.5), (((SftStage)again["sft"]).WarmupSteps, ((SftStage)again["sft"]).WarmupRatio));
        Assert.Equal("org/name", ((EvalStage)again["table"]).Data["hub"].Path.Target);
        Assert.Equal("labels", ((EvalStage)again["table"]).Data["a b"].Path.ToString());
        Assert.Equal(1.5, ((RewardStage)again["dense"]).Margin.Value);
        Assert.True(((RewardStage)again["dense"]).Template!.IsWord);
    }

    private static InputReference Outside => new() { Target = "/m" };
}
