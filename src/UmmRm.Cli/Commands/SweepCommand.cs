using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm sweep RECIPE.yaml</c></summary>
internal sealed class SweepCommand : Verb
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "a recipe's YAML file" };
    private readonly Option<string> _seeds = OptionOf.Text("--seeds", "N|A,B,...", "how many seeds, from the recipe's own on; or which", "8");
    private readonly Option<string[]> _grid = OptionOf.Many("--grid", "a.b=1,2,...", "values of a key of the recipe, each of which is run with every seed; several: every combination");
    private readonly Option<string[]> _set = OptionOf.Many("--set", "a.b=c", "changes a key of the recipe for all runs");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the folder of all runs (default: runs/ and the recipe's name, with -sweep)");
    private readonly Option<int?> _jobs = OptionOf.Integer("--jobs", "N", "how much runs at once: seeds, and stages where there are fewer seeds (default: the machine's cores)", 1, 1024);
    private readonly Option<bool> _ignoreMemory = OptionOf.Switch("--ignore-memory", "run even if the memory estimate exceeds what this machine has");

    public SweepCommand()
        : base("sweep", VerbGroup.Train, "a recipe over seeds and a grid of settings",
            "Runs one recipe with several seeds, and with every value of the keys of a grid: a run folder each, POINT/seed-N. Reward models of one method differ by seed as much as methods do, so only this says something about a method. "
            + "Seeds run side by side on one thread each. What several points of one seed have in common is computed once. Stop it at any time: run again, it goes on. "
            + "Ends with accuracies and verdicts over seeds, paired by seed, in DIR/sweep.json; ummrm report DIR draws them.")
    {
        Arguments.Add(_recipe);
        foreach (var option in (Option[])[_seeds, _grid, _set, _output, _jobs, _ignoreMemory])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("sweep recipes/demo/default.yaml --seeds 8", "every method of the demo, eight times"),
        new("sweep recipes/demo/sweep.yaml --seeds 8", "the paper's sweep of k, alpha and the method of merging"),
        new("sweep recipes/demo/quick.yaml --seeds 1,2,3 --grid stages.upcycled-k4.moe.shared_expert_weight=0.1,0.5,0.9", "a grid of one's own"),
    ];

    public override int Run(Invocation invocation)
    {
        var path = invocation.Value(_recipe)!;
        var sets = invocation.Value(_set)!;
        var recipe = RecipeFile.Load(path, sets);
        var folder = invocation.Value(_output) ?? Path.Combine("runs", $"{recipe.Name}-sweep");
        var sweep = Sweep.Plan(folder, SweepPoint.Grid(invocation.Value(_grid)!), Seeds(invocation.Value(_seeds)!, invocation.Seed ?? recipe.Seed), changes => RecipeFile.Load(path, [.. sets, .. changes]));
        invocation.Terminal.Note($"{sweep.Runs.Count} runs: {sweep.Seeds.Count} seeds{(sweep.Points.Count > 1 ? $", {sweep.Points.Count} places of the grid" : "")}");
        var result = RecipeRunner.Run(sweep, invocation, invocation.Value(_jobs) ?? invocation.Threads ?? Environment.ProcessorCount, invocation.Value(_ignoreMemory));
        ReportWriting.AtEnd(invocation.Terminal, folder);
        if (invocation.Json)
            invocation.Terminal.Result(result.ToJson(folder).ToJsonString(JsonSerializerOptions.Default) + "\n");
        else
            Show(invocation, sweep, result);
        return ExitCode.Done;
    }

    /// <summary>Tables and sentences of every place of the grid.</summary>
    internal static void Show(Invocation invocation, Sweep sweep, SweepResult result)
    {
        foreach (var (point, shown) in sweep.Points.Zip(result.Points))
        {
            if (point.Name.Length > 0)
                invocation.Terminal.Result($"\n== {point.Name}\n");
            foreach (var (stage, accuracies) in shown.Results.Accuracy)
                invocation.Terminal.Result($"\n{stage}: mean accuracy of {Count(sweep)}; difference to the baseline [95 % t-interval, paired by seed]; * excludes 0\n{AccuracyOverSeeds.Table(accuracies).ToText()}");
            foreach (var (stage, verdicts) in shown.Results.Verdicts)
            {
                invocation.Terminal.Result($"\n{stage}: gold under optimisation, mean of {Count(sweep)}\n{VerdictTable.Of(verdicts).ToText()}");
                if (sweep.Seeds.Count > 1)
                    invocation.Terminal.Result($"\ngold that stop rules would have kept, their thresholds chosen on the other seeds\n{VerdictTable.StopRules(verdicts).ToText()}");
            }
            invocation.Terminal.Result($"\n{shown.Results.InWords(SweepResult.RecipeOf(sweep, point))}\n");
        }
        if (result.Policies.Count > 0)
            invocation.Terminal.Result($"\nwhat the grid does to the policies, mean of {Count(sweep)}\n{result.Table().ToText()}");
        invocation.Terminal.Note($"\n{sweep.Folder}: {SweepResult.FileName}, and a run folder for each run");
    }

    private static string Count(Sweep sweep) => sweep.Seeds.Count == 1 ? "1 seed" : $"{sweep.Seeds.Count} seeds";

    private static IReadOnlyList<long> Seeds(string text, long first)
    {
        if (!text.Contains(',', StringComparison.Ordinal) && int.TryParse(text, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10_000)
            return [.. Enumerable.Range(0, count).Select(i => first + i)];
        var seeds = text.Split(',', StringSplitOptions.TrimEntries).Select(part => long.TryParse(part, CultureInfo.InvariantCulture, out var seed) && seed >= 0 ? seed : -1).ToList();
        return text.Contains(',', StringComparison.Ordinal) && !seeds.Contains(-1) ? seeds : throw new UsageException($"--seeds is '{text}'; expected a number of seeds such as 8, or seeds such as 1,2,5");
    }
}
