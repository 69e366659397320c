using UmmRm.Diagnosis;
using UmmRm.Recipes;
using UmmRm.Runtime;
using UmmRm.Tests.Cli;

namespace UmmRm.Tests.Diagnosis;

public sealed class RecipeChecksTests : IDisposable
{
    private const string Yaml = """
        stages:
          sft: { kind: sft, model: MODEL, data: DATA, template: raw, max_length: 64 }
          dense: { kind: reward, model: sft, data: DATA, template: raw, max_length: 64 }
          accuracy: { kind: eval, models: [dense], data: { test: TEST }, template: raw }
        """;

    private readonly TinyModels _models = new();
    private readonly string _recipe;

    public RecipeChecksTests()
    {
        var data = _models.Rows("pairs.jsonl", """{"prompt": "w10 w11 ", "chosen": "w12 w13", "rejected": "w14"}""", """{"prompt": "w20 w21 ", "chosen": "w22 w23", "rejected": "w24 w25 w26"}""");
        var test = _models.Rows("test.jsonl", """{"prompt": "w30 w11 ", "chosen": "w12 w13", "rejected": "w14"}""");
        _recipe = _models.Rows("recipe.yaml", Yaml.Replace("MODEL", _models.Language(), StringComparison.Ordinal).Replace("DATA", data, StringComparison.Ordinal).Replace("TEST", test, StringComparison.Ordinal));
    }

    [Fact]
    public void Recipe_InOrder_ModelRowsAndEveryStageAreLookedAtOnce()
    {
        var findings = Findings.OfRecipe(_recipe);
        Assert.All(findings, finding => Assert.True(finding.Severity == Severity.Ok, $"{finding.Subject}: {finding.Check}: {finding.Detail}"));
        findings.Has("recipe", Severity.Ok, "3 stages");
        findings.Has("memory", Severity.Ok, "stages.dense");
        findings.Has("templates", Severity.Ok);
        findings.Has("loading", Severity.Ok);
        findings.Has("leakage", Severity.Ok, "test.jsonl");
        Assert.Equal(3, findings.Count(finding => finding.Check == "boundary")); // each stage's rows by the model that all go back to
    }

    [Fact]
    public void Recipe_ThatCannotBeRead_IsAFinding() => Findings.OfRecipe(_recipe, "stages.dense.epochz=1").Has("recipe", Severity.Error, "epochz");

    [Fact]
    public void Inputs_AreNotThere_AreNamedWithTheirStage()
    {
        var finding = Assert.Single(Findings.OfRecipe(_recipe, "stages.dense.data=./none-such.jsonl"), finding => finding.Check == "inputs");
        Findings.Is(finding, Severity.Error, "none-such.jsonl");
        Assert.Equal("stages.dense", finding.Subject);
    }

    [Fact]
    public void Inputs_OnTheHub_AreNotFetched() => Findings.OfRecipe(_recipe, "stages.sft.model=org/name").Has("inputs", Severity.Ok, "org/name");

    [Fact]
    public void Leakage_HeldOutRowsThatAreTrainedOnToo_AreFound()
    {
        File.AppendAllText(_models.Folder["pairs.jsonl"], File.ReadLines(_models.Folder["pairs.jsonl"]).First() + "\n");
        var findings = Findings.OfRecipe(_recipe, "stages.dense.held_out=1").Where(finding => finding.Check == "leakage" && finding.Severity != Severity.Ok);
        Findings.Is(Assert.Single(findings), Severity.Error, "1 of 1 pairs of the last 1 rows of", "pairs.jsonl:3");
    }

    [Fact]
    public void Inputs_WrongInManyStages_AreSaidOnce()
    {
        var yaml = _models.Rows("many.yaml", ["stages:", .. Enumerable.Range(0, 3).Select(i => $"  m{i}: {{ kind: reward, model: ./none-such, data: ./none-such.jsonl }}")]);
        var finding = Assert.Single(Findings.OfRecipe(yaml), finding => finding.Check == "inputs");
        Assert.Equal("stages.m0 and 2 more", finding.Subject);
    }

    [Theory]
    [InlineData(20, Severity.Ok, "0 of 2 prompts")]
    [InlineData(61, Severity.Warning, "1 of 2 prompts (50.0 %)", "64 tokens")]
    [InlineData(63, Severity.Error, "2 of 2 prompts")]
    public void PromptLength_NoRoomForTheLongestResponse_IsCounted(int longest, Severity severity, params string[] named)
    {
        var prompts = _models.Rows("prompts.jsonl", """{"prompt": "w10 w11 "}""", """{"prompt": "w10 w11 w12 w13 w14 "}""");
        var bon = _models.Rows("bon.yaml", $"stages: {{ bon: {{ kind: bon, model: {_models.Folder["llama-gqa-lm"]}, rewards: [{_models.Reward()}], gold: {_models.Reward()}, prompts: {prompts}, template: raw, max_length: 64, max_new_tokens: {longest} }} }}");
        Findings.OfRecipe(bon).Has("prompt-length", severity, named);
    }

    [Fact]
    public void PadToken_ThatTheStageBeforeNames_IsTakenOver()
    {
        ModelChecksTests.Configure(_models.Folder["llama-gqa-lm"], config => config["pad_token_id"] = 2);
        Findings.OfRecipe(_recipe).Has("pad-token", Severity.Error, "pad_token_id 2 is also an eos_token_id");
        Findings.OfRecipe(_recipe, "stages.sft.pad_token=w03").Has("pad-token", Severity.Ok, "w03 (3)");
        Findings.OfRecipe(_recipe, "stages.sft.pad_token=nothing").Has("pad-token", Severity.Error, "'nothing'");
    }

    [Fact]
    public void MaxLength_BeyondTheModelsPositions_IsAWarning() => Findings.OfRecipe(_recipe, "stages.dense.max_length=1000").Has("max-length", Severity.Warning, "1000", "128 positions");

    [Fact]
    public void Templates_RewardStageReadsByAnotherThanItsSft_NamesBothStages() => Findings.OfRecipe(_recipe, "stages.dense.template=hh").Has("templates", Severity.Warning, "stages.dense", "hh", "stages.sft", "raw");

    [Fact]
    public void Memory_ThereIsLess_NamesTheStage()
    {
        var recipe = new RecipeCase(RecipeFile.Load(_recipe), () => new MatmulSpeeds(1, 1, 0, 1), Memory: 1000);
        Findings.Is(Findings.Of(recipe, RecipeChecks.All, "memory"), Severity.Error, "stages.dense", "1000 B");
    }

    [Theory]
    [InlineData(512, 4, Severity.Ok, "4.0 times")]
    [InlineData(512, 0.5, Severity.Warning, "0.5 times", "dense")]
    [InlineData(64, 4, Severity.Warning, "hidden size 64", "dense")]
    public void Precision_ProductsThatDoNotPay_NameTheStages(int width, double speed, Severity severity, params string[] named)
    {
        ModelChecksTests.Configure(_models.Folder["llama-gqa-lm"], config => config["hidden_size"] = width);
        var recipe = new RecipeCase(RecipeFile.Load(_recipe, ["stages.dense.precision=mixed"]), () => new MatmulSpeeds(1, 1, 0, speed), Memory: 1000);
        Findings.Is(Findings.Of(recipe, RecipeChecks.All, "precision"), severity, named);
        Assert.Null(Findings.Of(recipe with { Recipe = RecipeFile.Load(_recipe) }, RecipeChecks.All, "precision"));
    }

    public void Dispose() => _models.Dispose();
}
