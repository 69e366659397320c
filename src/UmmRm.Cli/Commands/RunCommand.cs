using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm run RECIPE.yaml</c></summary>
internal sealed class RunCommand : Verb
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "a recipe's YAML file" };
    private readonly Option<string[]> _set = OptionOf.Many("--set", "a.b=c", "changes a key of the recipe: stages.dense.epochs=1, data.root=./pairs; as often as needed");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder (default: runs/ and the recipe's name)");
    private readonly Option<int?> _jobs = OptionOf.Integer("--jobs", "N", "stages that run side by side when none reads another's result; they share the threads (default: 1)", 1, 256);
    private readonly Option<bool> _ignoreMemory = OptionOf.Switch("--ignore-memory", "run even if the memory estimate exceeds what this machine has");

    public RunCommand()
        : base("run", VerbGroup.Train, "a whole pipeline from a recipe",
            "Runs a recipe: a YAML file of stages (tokenizer, sft, reward, upcycle, merge, eval, ...) that name each other as inputs. Says first how much memory it needs. "
            + "Small models train fastest with --jobs set to the number of cores; large ones with the default, in which every core works on one stage. A finished stage is skipped when nothing that it depends on has changed, so a stopped or changed run is simply run again; training goes on from its last snapshot. "
            + "Every kind of stage and its keys stand in recipes/keys.md.")
    {
        Arguments.Add(_recipe);
        Add(_set);
        Add(_output);
        Add(_jobs);
        Add(_ignoreMemory);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("run recipes/demo/quick.yaml", "the built-in world, no data needed"),
        new("run recipes/alpaca-eval.yaml --set data.root=./alpaca_eval --output runs/alpaca", "real pairs"),
        new("run recipes/tinyllama/alpacafarm.yaml --set data.root=... --set data.gold=... --set data.model=...", "the paper's run"),
    ];

    public override int Run(Invocation invocation)
    {
        string[] sets = [.. invocation.Value(_set)!, .. invocation.Seed is { } seed ? new[] { $"seed={seed}" } : []];
        var recipe = RecipeFile.Load(invocation.Value(_recipe)!, sets);
        var folder = invocation.Value(_output) ?? Path.Combine("runs", recipe.Name);
        RecipeRunner.Run(recipe, folder, invocation, invocation.Value(_ignoreMemory), invocation.Value(_jobs) ?? 1);
        if (recipe.Stages.OfType<PpoStage>().Any())
            ReportWriting.AtEnd(invocation.Terminal, folder);
        var tables = RecipeRunner.Results(recipe, folder);
        if (invocation.Json)
        {
            var document = new JsonObject { ["run"] = Path.GetFullPath(folder), ["results"] = RecipeRunner.Json(tables) };
            invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
            return ExitCode.Done;
        }
        foreach (var (stage, results) in tables)
            invocation.Terminal.Result($"\n{stage}: accuracy [95 % interval]\n{AccuracyTable.Of(results).ToText()}");
        invocation.Terminal.Note($"run folder: {folder}");
        return ExitCode.Done;
    }
}
