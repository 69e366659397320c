using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class MemoryEstimateTests
{
    private const string Pipeline = """
        stages:
          model: { kind: init, tokenizer: ./t, vocab_size: 32000, hidden_size: 2048, intermediate_size: 5632, num_hidden_layers: 22, num_attention_heads: 32, num_key_value_heads: 4, dtype: bfloat16 }
          mixture: { kind: upcycle, model: model }
          uniform: { kind: merge, model: mixture, method: uniform }
          expected: { kind: merge, model: mixture, method: expected-gate, data: ./p.jsonl, precision: bfloat16, token_budget: 1 }
          accuracy: { kind: eval, models: [uniform, expected], data: { p: ./p.jsonl }, precision: bfloat16, token_budget: 1 }
        """;

    private const long Layer = (8L * 3 * 2048 * 5632) + (7 * 2048) + (2 * 2048 * 2048) + (2 * 2048 * 256) + (2 * 2048); // of the mixture

    [Fact]
    public void Upcycle_TinyLlama_StreamsOneLayer() => Assert.Equal(2 * Layer, Bytes("mixture"));

    [Fact]
    public void Merge_WithoutCalibration_StreamsThreeLayers() => Assert.Equal(3 * 2 * Layer, Bytes("uniform"));

    [Fact]
    public void Merge_WithExpectedGates_RunsTheWholeMixture() =>
        Assert.Equal(2 * ((22 * Layer) + (32_000L * 2048) + 2048 + 2048), Of(Pipeline).Stages.Single(s => s.Stage == "expected").Terms.Single(t => t.What == "weights").Bytes);

    [Fact]
    public void Eval_OfSeveralModels_HoldsOneAtATime() =>
        Assert.Equal(2 * (1_100_048_384 - (32_000L * 2048) + 2048), Of(Pipeline).Stages.Single(s => s.Stage == "accuracy").Terms.Single(t => t.What == "weights").Bytes);

    [Fact]
    public void Eval_OfAnEnsemble_HoldsOneMemberAtATime()
    {
        var estimate = Of(Pipeline.Replace("accuracy: { kind: eval, models: [uniform, expected]", "team: { kind: ensemble, models: [uniform, expected, uniform], normalise: false }\n  accuracy: { kind: eval, models: [team]", StringComparison.Ordinal));
        Assert.Equal(2 * (1_100_048_384 - (32_000L * 2048) + 2048), estimate.Stages.Single(s => s.Stage == "accuracy").Terms.Single(t => t.What == "weights").Bytes);
    }

    [Fact]
    public void Peak_IsTheLargestStage()
    {
        var estimate = Of(Pipeline);
        Assert.Equal(estimate.Stages.Max(s => s.Bytes), estimate.Peak);
        Assert.Equal("expected", estimate.Largest.Stage);
    }

    [Fact]
    public void CheckAgainst_LessThanThePeak_NamesStageNeedAndRemedy()
    {
        var estimate = Of(Pipeline);
        estimate.CheckAgainst(estimate.Largest.Bytes);
        var error = Assert.Throws<ArgumentException>(() => estimate.CheckAgainst(estimate.Largest.Bytes - 1));
        Assert.StartsWith("stages.expected needs about 11.9 GiB (weights 11.9 GiB, activations ", error.Message, StringComparison.Ordinal);
        Assert.Contains("lower its token_budget", error.Message, StringComparison.Ordinal);
    }

    /// <summary>35,584 values are in the folder's file; with 8 experts of 3 x 32 x 80 in 3 layers, 7 x 32 router values each, there are 3 x (7 x 7,680 + 224) more.</summary>
    [Fact]
    public void Of_AModelFolder_CountsWhatItsConfigSays()
    {
        var model = Repository.Golden("models", "llama-gqa", "rm");
        var estimate = Of($$"""
            stages:
              table: { kind: eval, models: ["{{model}}"], data: { x: ./x.jsonl } }
              moe: { kind: upcycle, model: "{{model}}" }
              trained: { kind: reward, model: moe, data: ./x.jsonl }
            """);
        Assert.Equal(4 * 35_584, estimate.Stages[0].Terms.Single(t => t.What == "weights").Bytes);
        Assert.Equal(4 * (35_584 + (3 * ((7 * 7_680) + 224))), estimate.Stages[2].Terms.Single(t => t.What == "weights").Bytes);
    }

    [Fact]
    public void Of_RewardFiles_CountsTheModelsThatTheyStandFor()
    {
        using var folder = new TemporaryFolder();
        var model = Repository.Golden("models", "llama-gqa", "rm");
        RewardFunctions.WriteGold(folder["gold.json"]);
        RewardFunctions.WriteEnsemble(folder["ensemble.json"], new EnsembleFile(Combination.Mean, 0, false, [new(model, null), new(folder["gold.json"], null)]));
        var estimate = Of($$"""
            stages:
              gold: { kind: label, model: "{{folder["gold.json"]}}", data: ./x.jsonl }
              ensemble: { kind: label, model: "{{folder["ensemble.json"]}}", data: ./x.jsonl }
            """);
        Assert.Equal((0, 4 * 35_584), (estimate.Stages[0].Bytes, estimate.Stages[1].Terms.Single(t => t.What == "weights").Bytes));
        Assert.NotNull(estimate.Peak);
    }

    [Fact]
    public void Of_AModelFolderThatIsNotThere_IsUnknownAndDoesNotRefuse()
    {
        var estimate = Of("stages: { dense: { kind: reward, model: ./nowhere, data: ./p.jsonl } }");
        Assert.Null(estimate.Peak);
        Assert.Contains("config.json", estimate.Stages[0].Unknown, StringComparison.Ordinal);
        estimate.CheckAgainst(1);
    }

    [Fact]
    public void Peak_OfStagesSideBySide_IsTheLargestTogether()
    {
        var recipe = RecipeFile.Parse(Pipeline, "r.yaml");
        var estimate = MemoryEstimate.Of(recipe, jobs: 2);
        var largest = estimate.Stages.Select(s => s.Bytes).OrderDescending().Take(2).ToList();
        Assert.Equal(largest.Sum(), estimate.Peak);
        Assert.Contains("--jobs", Assert.Throws<ArgumentException>(() => estimate.CheckAgainst(largest[0])).Message, StringComparison.Ordinal);
        MemoryEstimate.Of(recipe).CheckAgainst(largest[0]);
    }

    private static MemoryEstimate Of(string yaml) => MemoryEstimate.Of(RecipeFile.Parse(yaml, "r.yaml"));

    private static long Bytes(string stage) => Of(Pipeline).Stages.Single(s => s.Stage == stage).Bytes;
}
