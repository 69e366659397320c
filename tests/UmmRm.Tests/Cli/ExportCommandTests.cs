using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli;

public sealed class ExportCommandTests
{
    [Fact]
    public void Export_DenseModel_HasItsTokenizerACardAndTheSameScores()
    {
        using var models = new TinyModels();
        var dense = models.Reward();
        File.WriteAllText(Path.Combine(dense, "merge.json"), """{"method": "uniform", "coefficients": [[0.5, 0.5], [0.25, 0.75]], "l1_from_uniform": [0, 0.5]}""");
        var accuracy = models.Rows("accuracy.json", CommandRun.Of("eval", "--json", "--model", dense, "--data", Pairs(models)).Output);
        var run = CommandRun.Of("export", "--model", dense, "--accuracy", accuracy, "--output", models.Folder["out"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(["README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Directory.GetFileSystemEntries(models.Folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var card = File.ReadAllText(Path.Combine(models.Folder["out"], "README.md"));
        Assert.Contains("- layer 1: 0.250 0.750\n", card, StringComparison.Ordinal);
        Assert.Contains("| accuracy.json | 2 ", card, StringComparison.Ordinal);
        Assert.Contains("recipe and data are not recorded", card, StringComparison.Ordinal);
        Assert.Equal("regression", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(models.Folder["out"], "config.json")))!["problem_type"]);
        Assert.Equal(Scores(models, dense), Scores(models, models.Folder["out"]));
    }

    [Fact]
    public void Export_ModelOfARun_CarriesItsRecipeWithoutThePathsOfThisMachine()
    {
        using var models = new TinyModels();
        var data = models.Rows("pairs.jsonl", [.. Enumerable.Range(0, 4).Select(i => $$"""{"prompt":"w1{{i}}","chosen":" w11 w12","rejected":" w13"}""")]);
        Assert.Equal(0, CommandRun.Of("reward", "--model", models.Reward(), "--data", $"{data}:[0:3]", "--output", models.Folder["run"], "--set", "max_steps=1", "--set", "template=raw").Code);
        Assert.Equal(0, CommandRun.Of("export", "--model", Path.Combine(models.Folder["run"], "model"), "--output", models.Folder["out"]).Code);
        var card = File.ReadAllText(Path.Combine(models.Folder["out"], "README.md"));
        Assert.Contains("    model: llama-gqa-rm\n", card, StringComparison.Ordinal);
        Assert.Contains("pairs.jsonl:[0:3]", card, StringComparison.Ordinal);
        Assert.DoesNotContain(models.Folder.Path, card, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_Mixture_GivesTheSameScoresWhenItIsReadBack()
    {
        using var models = new TinyModels();
        Assert.Equal(0, CommandRun.Of("upcycle", "--model", models.Reward(), "--experts", "3", "--top-k", "1", "--shared-weight", "0.3", "--output", models.Folder["moe"]).Code);
        var run = CommandRun.Of("export", "--json", "--model", models.Folder["moe"], "--format", "qwen2-moe", "--output", models.Folder["out"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.InRange(JsonDocument.Parse(run.Output).RootElement.GetProperty("rounding_loss").GetDouble(), 0, 1e-7);
        Assert.All(Scores(models, models.Folder["moe"]).Zip(Scores(models, models.Folder["out"])), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Contains("1 shared and 2 routed experts", File.ReadAllText(Path.Combine(models.Folder["out"], "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rm", "qwen2-moe", "is no mixture of experts")]
    [InlineData("moe", "hf", "is a mixture of experts")]
    [InlineData("lm", "hf", "it is a language model")]
    [InlineData("nowhere", "hf", "is missing: name a folder with a Hugging Face model")]
    public void Export_WhatTheFormatCannotHold_IsRefusedAndNothingIsWritten(string kind, string format, string complaint)
    {
        using var models = new TinyModels();
        var model = kind switch { "lm" => models.Language(), "nowhere" => models.Folder["nowhere"], _ => models.Reward() };
        if (kind == "moe")
            Assert.Equal(0, CommandRun.Of("upcycle", "--model", model, "--experts", "3", "--top-k", "1", "--output", model = models.Folder["moe"]).Code);
        var before = models.Folder.Entries;
        var run = CommandRun.Of("export", "--model", model, "--format", format, "--output", models.Folder["out"]);
        Assert.Equal(1, run.Code);
        Assert.Contains(complaint, run.Error, StringComparison.Ordinal);
        Assert.Equal(before, models.Folder.Entries);
    }

    private static string Pairs(TinyModels models) =>
        models.Rows("pairs.jsonl", """{"prompt":"w10","chosen":" w11 w12","rejected":" w13"}""", """{"prompt":"w20","chosen":" w21","rejected":" w22"}""");

    private static double[] Scores(TinyModels models, string model)
    {
        var run = CommandRun.Of("score", "--model", model, "--input", models.Rows("texts.jsonl", """{"text":"w10 w11 w02"}""", """{"text":"w40 w50 w60 w02"}"""));
        Assert.Equal(0, run.Code);
        return [.. TinyModels.Parse(run.Output).Select(row => row["score"]!.GetValue<double>())];
    }
}
