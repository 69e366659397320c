using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

public sealed class LikeStagesTests
{
    private const string Yaml = """
        stages:
          slow: { like: six, moe: { top_k: 2 } }
          six: { kind: upcycle, model: ./sft, moe: { num_experts: 8, top_k: 6 }, seed: head }
          alpha: { like: slow, moe: { shared_expert_weight: 0.1 } }
        """;

    [Fact]
    public void Like_TakesOverAllKeysAndChangesThoseGiven()
    {
        var recipe = RecipeFile.Parse(Yaml, "r.yaml");
        Assert.Equal([("alpha", 8, 2, 0.1), ("six", 8, 6, 0.5), ("slow", 8, 2, 0.5)], recipe.Stages.Cast<UpcycleStage>().Select(s => (s.Name, s.Moe.NumExperts, s.Moe.TopK, s.Moe.SharedExpertWeight)).Order());
        Assert.Single(recipe.Stages.Select(stage => stage.SeedIn(1)).Distinct());
    }

    [Fact]
    public void Like_AnOptionForTheOther_ChangesBoth()
    {
        var recipe = RecipeFile.Parse(Yaml, "r.yaml", ["stages.six.moe.num_experts=4", "stages.six.moe.top_k=3"]);
        Assert.All(recipe.Stages.Cast<UpcycleStage>(), stage => Assert.Equal(4, stage.Moe.NumExperts));
        Assert.Equal([2, 2, 3], recipe.Stages.Cast<UpcycleStage>().Select(stage => stage.Moe.TopK).Order());
    }

    [Theory]
    [InlineData("a: { like: b }, b: { like: a }", "stages.a is like itself: a is like b is like a")]
    [InlineData("a: { like: sfft }, sft: { kind: sft }", "r.yaml:1:22: stages.a is like 'sfft', and the recipe has no such stage; did you mean sft?")]
    [InlineData("a: { like: [b] }", "stages.a.like is a list; the name of another stage is expected")]
    [InlineData("a: { like: b }, b: null", "stages.a is like b, which an extending recipe took away")]
    public void Like_WhatCannotBe_IsNamed(string stages, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => RecipeFile.Parse($"stages: {{ {stages} }}", "r.yaml")).Message, StringComparison.Ordinal);
}
