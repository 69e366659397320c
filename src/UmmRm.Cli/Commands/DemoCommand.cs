using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Recipes;
using UmmRm.Runtime;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm demo</c></summary>
internal sealed class DemoCommand : Verb
{
    private readonly Option<bool> _quick = OptionOf.Switch("--quick", "k = 4 only and fewer texts: a check, not a result");
    private readonly Option<int?> _seeds = OptionOf.Integer("--seeds", "N", "run everything with N seeds and compare over them: evidence rather than a story", 1, 1000);
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder (default: runs/demo, or runs/demo-quick)");

    public DemoCommand()
        : base("demo", VerbGroup.Train, "the whole story on the built-in world, no download",
            "Builds a tokenizer, a small language model, an SFT policy, a dense reward model, an ensemble, WARM, and mixtures with k = 2, 4 and 6 that are merged back into dense reward models, all in a language of 137 words "
            + "in which the true reward is known. Then trains a policy by PPO against each of them while the true reward watches. Explains each step as it goes, and ends with a table of accuracies, what became of the true reward "
            + "under each, and who is fooled by whose policy. Run it again and finished steps are skipped.")
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
        if (!invocation.DeviceGiven)
            ComputeDevice.Use("cpu"); // its models are too small for a graphics card to be of use
        var folder = invocation.Value(_output) ?? Path.Combine("runs", Load(invocation, invocation.Seed).Name);
        return invocation.Value(_seeds) is { } seeds and > 1 ? RunSeeds(invocation, folder, seeds) : RunOne(invocation, folder);
    }

    private string RecipePath(Invocation invocation) => Path.Combine(AppContext.BaseDirectory, "recipes", "demo", $"{(invocation.Value(_quick) ? "quick" : "default")}.yaml");

    private Recipe Load(Invocation invocation, long? seed) => RecipeFile.Load(RecipePath(invocation), seed is null ? [] : [$"seed={seed}"]);

    private static int Jobs(Invocation invocation) => invocation.Threads ?? Environment.ProcessorCount;

    private int RunOne(Invocation invocation, string folder)
    {
        var recipe = Load(invocation, invocation.Seed);
        var story = new DemoStory(invocation.Terminal);
        RecipeRunner.Run(recipe, folder, invocation, jobs: Jobs(invocation), narrate: story.Before);
        var results = AccuracyResult.ReadAll(Path.Combine(folder, "accuracy", "results.json"));
        var stage = recipe.Stages.OfType<VerdictStage>().Single();
        var verdicts = VerdictExecutor.JudgeRuns(stage, [folder]);
        var words = $"{DemoStory.Verdict(results, recipe.Seed)} {HackingVerdict.InWords(verdicts, VerdictExecutor.NameOf(stage.Against))}";
        var (bon, sensitivity) = (BonResult.Read(Path.Combine(folder, "bon")), SensitivityResult.Read(Path.Combine(folder, "sensitivity")));
        ReportWriting.AtEnd(invocation.Terminal, folder);
        if (invocation.Json)
        {
            Document(invocation, folder, [.. results.Select(r => (JsonNode)r.ToJson())], JsonNode.Parse(VerdictExecutor.ToJson(verdicts))!.AsArray(), words);
            return ExitCode.Done;
        }
        story.Coefficients(Path.Combine(folder, "umm-k4"));
        invocation.Terminal.Result($"\nPairwise accuracy [95 % interval]; * differs from dense\n{AccuracyTable.Of(results).ToText()}");
        invocation.Terminal.Result($"\nGold while each policy was trained against its proxy\n{VerdictTable.Of(verdicts).ToText()}");
        invocation.Terminal.Result($"\nFinal answers of each policy, scored by every reward (standard deviations above the starting policy's answers)\n{TransferMatrix.Read(Path.Combine(folder, "transfer")).Table().ToText()}");
        invocation.Terminal.Result($"\nGold of the best of n answers of the SFT policy, chosen by each reward\n{bon.Table().ToText()}");
        invocation.Terminal.Result($"\nHow far a small change of a response moves each reward (in its own standard deviations; word dropped, doubled, swapped; punctuation dropped)\n{sensitivity.Table().ToText()}");
        invocation.Terminal.Result($"\nHow far members of a group disagree (0: not at all; 1: as much as responses differ), and what single ones are like\n{sensitivity.SpreadTable().ToText()}\n");
        invocation.Terminal.Result($"{DemoStory.Wrapped(words, invocation.Terminal.Width)}\n");
        invocation.Terminal.Note($"\nrun folder: {folder} (metrics.jsonl, TensorBoard events, one folder a stage; every model is an ordinary Hugging Face folder)");
        return ExitCode.Done;
    }

    private int RunSeeds(Invocation invocation, string folder, int seeds)
    {
        var first = Load(invocation, invocation.Seed).Seed;
        var sweep = Sweep.Plan(folder, SweepPoint.Grid([]), [.. Enumerable.Range(0, seeds).Select(i => first + i)], sets => RecipeFile.Load(RecipePath(invocation), sets));
        var result = RecipeRunner.Run(sweep, invocation, Jobs(invocation));
        ReportWriting.AtEnd(invocation.Terminal, folder);
        if (!invocation.Json)
        {
            SweepCommand.Show(invocation, sweep, result);
            return ExitCode.Done;
        }
        var shown = result.Points[0].Results;
        Document(invocation, folder, JsonSerializer.SerializeToNode(shown.Accuracy.Values.Single())!.AsArray(), JsonNode.Parse(VerdictExecutor.ToJson(shown.Verdicts.Values.Single()))!.AsArray(), shown.InWords(sweep.Runs[0].Recipe));
        return ExitCode.Done;
    }

    private static void Document(Invocation invocation, string folder, JsonArray table, JsonArray policies, string verdict)
    {
        var document = new JsonObject { ["run"] = Path.GetFullPath(folder), ["table"] = table, ["policies"] = policies, ["verdict"] = verdict };
        invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
    }
}
