using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm demo</c></summary>
internal sealed class DemoCommand : Verb
{
    private const string Baseline = "dense";
    private readonly Option<bool> _quick = OptionOf.Switch("--quick", "k = 4 only and fewer texts: a check, not a result");
    private readonly Option<int?> _seeds = OptionOf.Integer("--seeds", "N", "run everything with N seeds and compare over them: evidence rather than a story", 1, 1000);
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder (default: runs/demo, or runs/demo-quick)");

    public DemoCommand()
        : base("demo", VerbGroup.Train, "the whole story on the built-in world, no download",
            "Builds a tokenizer, a small language model, an SFT policy, a dense reward model, an ensemble, WARM, and mixtures with k = 2, 4 and 6 that are merged back into dense reward models, all in a language of 137 words "
            + "in which the true reward is known. Explains each step as it goes, and ends with a table of accuracies on ordinary and on shifted pairs. Run it again and finished steps are skipped.")
    {
        Add(_quick);
        Add(_seeds);
        Add(_output);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("demo", "a few minutes on two cores"),
        new("demo --quick --json", "under a minute, for scripts"),
        new("demo --seeds 8", "eight seeds: differences to the dense model with intervals"),
    ];

    public override int Run(Invocation invocation)
    {
        var folder = invocation.Value(_output) ?? Path.Combine("runs", Load(invocation, invocation.Seed).Name);
        return invocation.Value(_seeds) is { } seeds and > 1 ? RunSeeds(invocation, folder, seeds) : RunOne(invocation, folder);
    }

    private Recipe Load(Invocation invocation, long? seed) =>
        RecipeFile.Load(Path.Combine(AppContext.BaseDirectory, "recipes", "demo", $"{(invocation.Value(_quick) ? "quick" : "default")}.yaml"), seed is null ? [] : [$"seed={seed}"]);

    private int RunOne(Invocation invocation, string folder)
    {
        var recipe = Load(invocation, invocation.Seed);
        var story = new DemoStory(invocation.Terminal);
        var results = Results(invocation, recipe, folder, story.Before);
        var verdict = DemoStory.Verdict(results, recipe.Seed);
        if (invocation.Json)
        {
            Document(invocation, folder, [.. results.Select(r => (JsonNode)r.ToJson())], verdict);
            return ExitCode.Done;
        }
        story.Coefficients(Path.Combine(folder, "umm-k4"));
        invocation.Terminal.Result($"\nPairwise accuracy [95 % interval]; * differs from dense\n{AccuracyTable.Of(results).ToText()}\n{verdict}\n");
        invocation.Terminal.Note($"\nrun folder: {folder} (metrics.jsonl, TensorBoard events, one folder a stage; every model is an ordinary Hugging Face folder)");
        return ExitCode.Done;
    }

    private int RunSeeds(Invocation invocation, string folder, int seeds)
    {
        var first = invocation.Seed ?? Load(invocation, null).Seed;
        var runs = new List<IReadOnlyList<AccuracyResult>>();
        for (var seed = first; seed < first + seeds; seed++)
        {
            invocation.Terminal.Note($"\nseed {seed}, {runs.Count + 1} of {seeds}");
            runs.Add(Results(invocation, Load(invocation, seed), Path.Combine(folder, $"seed-{seed}"), narrate: null));
        }
        var results = AccuracyOverSeeds.Of(runs, Baseline);
        var verdict = AccuracyOverSeeds.Verdict(results, Baseline);
        var table = JsonSerializer.SerializeToNode(results)!.AsArray();
        File.WriteAllText(Path.Combine(folder, "accuracy.json"), table.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        if (invocation.Json)
            Document(invocation, folder, table, verdict);
        else
            invocation.Terminal.Result($"\nPairwise accuracy, mean of {seeds} seeds; difference to {Baseline} [95 % t-interval, paired by seed]; * excludes 0\n{AccuracyOverSeeds.Table(results).ToText()}\n{verdict}\n");
        invocation.Terminal.Note($"\nrun folder: {folder} (accuracy.json, one run folder a seed)");
        return ExitCode.Done;
    }

    private static IReadOnlyList<AccuracyResult> Results(Invocation invocation, Recipe recipe, string folder, Action<Stage>? narrate)
    {
        RecipeRunner.Run(recipe, folder, invocation, jobs: invocation.Threads ?? Environment.ProcessorCount, narrate: narrate);
        return AccuracyResult.ReadAll(Path.Combine(folder, "accuracy", "results.json"));
    }

    private static void Document(Invocation invocation, string folder, JsonArray table, string verdict)
    {
        var document = new JsonObject { ["run"] = Path.GetFullPath(folder), ["table"] = table, ["verdict"] = verdict };
        invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
    }
}
