using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

/// <summary>What somebody reads who made a mistake: where it is, what was found, what was expected, what they probably meant.</summary>
public sealed class RecipeErrorTests
{
    [Theory]
    [InlineData("epohcs: 1", "r.yaml:5:5: stages.dense.epohcs is not a key; did you mean epochs?")]
    [InlineData("epochs: many", "r.yaml:5:13: stages.dense.epochs is 'many'; whole number is expected")]
    [InlineData("epochs: 0", "r.yaml:5:13: stages.dense.epochs is 0; it must be >= 1")]
    [InlineData("epochs: 1.5", "r.yaml:5:13: stages.dense.epochs is '1.5'; whole number is expected")]
    [InlineData("epochs: 99999999999", "r.yaml:5:13: stages.dense.epochs is '99999999999'; whole number is expected")]
    [InlineData("epochs: null", "r.yaml:5:13: stages.dense.epochs is null; whole number is expected")]
    [InlineData("epochs: [1]", "r.yaml:5:13: stages.dense.epochs is a list; whole number is expected")]
    [InlineData("learning_rate: .nan", "stages.dense.learning_rate is '.nan'; number is expected")]
    [InlineData("learning_rate: 1e999", "stages.dense.learning_rate is '1e999'; number is expected")]
    [InlineData("learning_rate: 0", "stages.dense.learning_rate is 0; it must be > 0")]
    [InlineData("token_budget: -1", "stages.dense.token_budget is -1; it must be >= 1 tokens")]
    [InlineData("label_smoothing: 0.5", "stages.dense.label_smoothing is 0.5; it must be >= 0 and < 0.5")]
    [InlineData("betas: [0.9, 1]", "stages.dense.betas is 1; it must be >= 0 and < 1")]
    [InlineData("betas: [0.9]", "r.yaml:2:3: stages.dense: betas has 1 values; two are expected")]
    [InlineData("schedule: cosin", "stages.dense.schedule is 'cosin'; constant|linear|cosine is expected; did you mean cosine?")]
    [InlineData("margin: big", "stages.dense.margin is 'big'; none, data (each pair's own) or a number is expected")]
    [InlineData("template: alpca", "stages.dense.template is 'alpca', and there is no such file; did you mean alpaca?")]
    [InlineData("warmup_steps: 5\n    warmup_ratio: 0.1", "stages.dense gives both warmup_ratio and warmup_steps; give one of them")]
    [InlineData("load_balance: 0.01", "load_balance is given, but 'sft' is dense and has no router")]
    public void Key_ThatIsWrong_IsNamedWithItsPlaceAndTheRemedy(string line, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => RecipeFile.Parse($"stages:\n  dense:\n    <<: {{ kind: reward, model: sft }}\n    data: ./d.jsonl\n    {line}\n  sft: {{ kind: sft, model: ./b, data: ./d.jsonl }}\n", "r.yaml"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stages: { a: { kind: rewrd } }", "stages.a.kind is 'rewrd', which is not a kind of stage; did you mean reward?")]
    [InlineData("stages: { a: { epochs: 1 } }", "stages.a.kind is missing; there is average, ")]
    [InlineData("stages: { a: { kind: reward, data: ./d.jsonl } }", "stages.a.model is missing: The model to start from.")]
    [InlineData("stages: { a: { kind: upcycle, model: dnse }, dense: { kind: reward, model: ./b, data: ./d.jsonl } }", "stages.a.model is 'dnse', and there is no such stage, file or folder; did you mean dense?")]
    [InlineData("stages: { a: { kind: upcycle, model: w }, w: { kind: world } }", "stages.a.model is 'w', which makes a tokenizer or a reward function or instructions or preference pairs or prompts; a language model or a dense reward model is expected")]
    [InlineData("stages: { a: { kind: sft, model: ./b, data: w }, w: { kind: world } }", "stages.a.data is 'w', which makes several things it can take; name one: w:texts, w:demonstrations, w:shifted, w:core")]
    [InlineData("stages: { a: { kind: sft, model: ./b, data: w:text }, w: { kind: world } }", "stages.a.data is 'w:text', but w makes no text; did you mean texts?")]
    [InlineData("stages: { a: { kind: merge, model: d, method: uniform }, d: { kind: reward, model: ./b, data: ./d.jsonl } }", "stages.a.model is 'd', which makes a dense reward model; a mixture is expected")]
    [InlineData("stages: { a: { kind: merge, model: ./m } }", "stages.a: data is missing; method learned needs calibration pairs (uniform needs none)")]
    [InlineData("stages: { a: { kind: upcycle, model: b }, b: { kind: reward, model: c, data: ./d.jsonl }, c: { kind: sft, model: a, data: ./d.jsonl } }", "the stages a -> b -> c -> a need one another in a circle")]
    [InlineData("stages: { a: { kind: upcycle, model: ./m, moe: { top_k: 8 } } }", "moe.top_k is 8; with moe.num_experts 8 it must be 1..7, because the shared expert is not routed")]
    [InlineData("stages: { a: { kind: upcycle, model: ./m, moe: { topk: 8 } } }", "stages.a.moe.topk is not a key; did you mean top_k?")]
    [InlineData("stages: { a: { kind: average, models: [./m] } }", "models names 1 model; at least two are averaged")]
    [InlineData("stages: { a: { kind: average, models: [./m, './m:[0:3]'] } }", "only data has rows to slice")]
    [InlineData("stages: { a: { kind: average, models: [./m, ./n], weights: [1, 2, 3] } }", "weights has 3 values with sum 6; one for each of the 2 models")]
    [InlineData("stages: { a: { kind: eval, models: [./m], data: { x: ./x.jsonl }, against: ./n } }", "which is not among models")]
    [InlineData("stages: { a: { kind: eval, models: [./m], data: ./x.jsonl } }", "stages.a.data is './x.jsonl'; mapping from names to data")]
    [InlineData("stages: { a: { kind: ensemble, models: [./m, ./n] } }", "reference is missing; with normalise: true")]
    [InlineData("stages: { a: { kind: tokenizer, data: ./x.jsonl, pad_token: x, eos_token: x } }", "pad_token and eos_token are both 'x'; they must differ")]
    [InlineData("stages: { a: { kind: init, tokenizer: ./t, hidden_size: 10, intermediate_size: 4, num_hidden_layers: 1, num_attention_heads: 4 } }", "num_attention_heads is 4; it must divide hidden_size, which is 10")]
    [InlineData("stages: { a: { kind: world }, A: { kind: world } }", "the stages a and A differ in case alone")]
    [InlineData("stages: { ../a: { kind: world } }", "'../a' cannot name a stage")]
    [InlineData("stages: { a.b: { kind: world } }", "'a.b' cannot name a stage")]
    [InlineData("stages: {}", "stages has 0 stages")]
    [InlineData("stages: [a]", "stages is a list; a mapping from stage names to mappings is expected")]
    [InlineData("stages: { a: 3 }", "stages.a is '3'; a mapping with the key kind is expected")]
    [InlineData("name: x", "stages is missing")]
    [InlineData("stagse: {}", "stagse is not a key of a recipe; did you mean stages?")]
    [InlineData("{ seed: -1, stages: { a: { kind: world } } }", "seed is '-1'; a whole number from 0 is expected")]
    [InlineData("{ name: [x], stages: { a: { kind: world } } }", "name is a list; a text is expected")]
    [InlineData("[1, 2]", "a recipe is a mapping with the key stages; this is a list")]
    [InlineData("{ data: { root: }, stages: { a: { kind: sft, model: ./b, data: '${data.root}/x' } } }", "data.root has no value; give it one with --set data.root=...")]
    [InlineData("{ data: { root: x }, stages: { a: { kind: sft, model: ./b, data: '${data.rot}/x' } } }", "${data.rot} is not defined; did you mean root?")]
    [InlineData("{ data: { root: x }, stages: { a: { kind: sft, model: ./b, data: '${root}/x' } } }", "'${root}/x' holds a ${ that is not ${data.NAME}")]
    [InlineData("{ data: { a: '${data.b}', b: '${data.a}' }, stages: { s: { kind: sft, model: ./b, data: '${data.a}' } } }", "is defined by itself")]
    [InlineData("{ data: { a: [1] }, stages: { s: { kind: world } } }", "data.a is a list; a single value is expected")]
    [InlineData("{ extends: other.yaml, stages: { s: { kind: world } } }", "extends names 'other.yaml', and there is no file")]
    public void Recipe_ThatIsWrong_SaysWhatIsExpected(string yaml, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => RecipeFile.Parse(yaml, "r.yaml"));
        Assert.StartsWith("r.yaml:1:", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stages.dense.epochs", "--set stages.dense.epochs: KEY=VALUE is expected")]
    [InlineData("stages..epochs=1", "KEY=VALUE is expected")]
    [InlineData("stages.dnse.epochs=1", "the recipe has no stages.dnse; did you mean dense?")]
    [InlineData("stages.dense.epohcs=1", "stages.dense.epohcs is not a key; did you mean epochs?")]
    [InlineData("stages.dense.epochs=x", "--set stages.dense.epochs=x: stages.dense.epochs is 'x'; whole number is expected")]
    [InlineData("stages.dense.betas=[0.9", "this is not YAML")]
    [InlineData("stages=3", "stages is a mapping; name what to set in it, such as stages.dense")]
    [InlineData("data.rot=x", "the recipe has no data.rot; did you mean root?")]
    [InlineData("settings.rm.epochs=1", "the recipe has no settings.rm")]
    [InlineData("sed=1", "a recipe has no sed; did you mean seed?")]
    [InlineData("seed=x", "seed is 'x'; a whole number from 0 is expected")]
    public void Set_ThatIsWrong_IsABadArgumentThatNamesTheOption(string option, string expected)
    {
        const string yaml = "{ data: { root: ./d }, stages: { dense: { kind: reward, model: ./m, data: '${data.root}' } } }";
        var error = Assert.Throws<ArgumentException>(() => RecipeFile.Parse(yaml, "r.yaml", [option]));
        Assert.StartsWith("--set ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneStage_UnknownKindOrKey_IsABadArgument()
    {
        Assert.Contains("did you mean reward?", Assert.Throws<ArgumentException>(() => RecipeFile.OneStage("rewrd", "model", [])).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean epochs?", Assert.Throws<ArgumentException>(() => RecipeFile.OneStage("reward", "model", ["model=./m", "data=./d.jsonl", "epoch=1"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoFile_SaysWhereItLooked()
    {
        var error = Assert.Throws<FileNotFoundException>(() => RecipeFile.Load("no-such-recipe.yaml"));
        Assert.Contains(Directory.GetCurrentDirectory(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RecipesThatExtendEachOther_AreRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.yaml", "extends: a.yaml");
        var error = Assert.Throws<InvalidDataException>(() => RecipeFile.Load(folder.Write("a.yaml", "extends: b.yaml")));
        Assert.Contains("is there a circle?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NearestName_OfAWordLikeNothing_ListsWhatThereIs()
    {
        var error = Assert.Throws<InvalidDataException>(() => RecipeFile.Parse("stages: { a: { kind: world, zzzzzzzz: 1 } }", "r.yaml"));
        Assert.Contains("; there is core, demonstrations, prompts, seed, shifted, texts", error.Message, StringComparison.Ordinal);
    }
}
