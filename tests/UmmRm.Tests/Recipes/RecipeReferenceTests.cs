using UmmRm.Recipes;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Recipes;

public sealed class RecipeReferenceTests
{
    [Fact]
    public void KeysPage_IsWhatTheRecordsSay()
    {
        var page = Path.Combine(Repository.Root, "recipes", "keys.md");
        var expected = RecipeReference.ToMarkdown();
        if (Environment.GetEnvironmentVariable("UMMRM_WRITE_REFERENCE") == "1")
            File.WriteAllText(page, expected);
        Assert.True(File.Exists(page) && File.ReadAllText(page) == expected, "recipes/keys.md is not what the records say; run this test once with UMMRM_WRITE_REFERENCE=1 and commit the page");
    }

    [Fact]
    public void Settings_OfEveryKind_SayWhatTheyMean()
    {
        foreach (var (key, setting) in StageKind.All.SelectMany(kind => RecipeReference.Keys(kind.Settings)))
        {
            Assert.Matches("^[a-z][a-z0-9_.]*$", key);
            Assert.EndsWith(".", setting.Meaning, StringComparison.Ordinal);
            Assert.NotEmpty(setting.Type);
            Assert.NotEmpty(setting.Default);
        }
    }

    [Fact]
    public void Settings_OfReward_AreTheVerbsKeys()
    {
        string[] promised =
        [
            "epochs", "max_steps", "batch_size", "token_budget", "learning_rate", "betas", "epsilon", "weight_decay", "schedule", "final_learning_rate_ratio", "warmup_ratio", "warmup_steps", "clip",
            "max_length", "over_length", "bad_rows", "precision", "margin", "center", "score_l2", "label_smoothing", "load_balance", "template", "eval_every", "save_every", "seed", "held_out",
        ];
        var settings = StageKind.Find("reward")!.Settings.ToDictionary(s => s.Name);
        Assert.All(promised, key => Assert.Contains(key, settings.Keys));
        Assert.Equal(("number", "1e-05", "> 0"), (settings["learning_rate"].Type, settings["learning_rate"].Default, settings["learning_rate"].Range));
        Assert.Equal(("whole number", "520", "tokens", ">= 2"), (settings["max_length"].Type, settings["max_length"].Default, settings["max_length"].Unit, settings["max_length"].Range));
        Assert.Equal(("constant|linear|cosine", "cosine"), (settings["schedule"].Type, settings["schedule"].Default));
        Assert.Equal("required", settings["model"].Default);
        Assert.Equal("[0.9, 0.95]", settings["betas"].Default);
    }

    [Fact]
    public void Template_TakesTheBuiltInOnes() =>
        Assert.Equal(string.Join('|', PlainTemplate.BuiltIn.Select(t => t.Name)) + "|chat|path", StageKind.Find("reward")!.Settings.Single(s => s.Name == "template").Type);
}
