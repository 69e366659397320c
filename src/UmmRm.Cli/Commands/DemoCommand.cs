using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm demo</c></summary>
internal sealed class DemoCommand : Verb
{
    private readonly Option<bool> _quick = OptionOf.Switch("--quick", "k = 4 only and fewer texts: a check, not a result");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder (default: runs/demo, or runs/demo-quick)");

    public DemoCommand()
        : base("demo", VerbGroup.Train, "the whole story on the built-in world, no download",
            "Builds a tokenizer, a small language model, an SFT policy, a dense reward model, an ensemble, WARM, and mixtures with k = 2, 4 and 6 that are merged back into dense reward models, all in a language of 137 words "
            + "in which the true reward is known. Explains each step as it goes, and ends with a table of accuracies on ordinary and on shifted pairs. Run it again and finished steps are skipped.")
    {
        Add(_quick);
        Add(_output);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("demo", "a few minutes on two cores"),
        new("demo --quick --json", "under a minute, for scripts"),
    ];

    public override int Run(Invocation invocation)
    {
        var name = invocation.Value(_quick) ? "quick" : "default";
        var path = Path.Combine(AppContext.BaseDirectory, "recipes", "demo", $"{name}.yaml");
        var recipe = RecipeFile.Load(path, invocation.Seed is { } seed ? [$"seed={seed}"] : []);
        var folder = invocation.Value(_output) ?? Path.Combine("runs", recipe.Name);
        var story = new DemoStory(invocation.Terminal);
        RecipeRunner.Run(recipe, folder, invocation, jobs: invocation.Threads ?? Environment.ProcessorCount, narrate: story.Before);
        var results = AccuracyResult.ReadAll(Path.Combine(folder, "accuracy", "results.json"));
        var verdict = DemoStory.Verdict(results, recipe.Seed);
        if (invocation.Json)
        {
            var document = new JsonObject { ["run"] = Path.GetFullPath(folder), ["table"] = new JsonArray([.. results.Select(r => (JsonNode)r.ToJson())]), ["verdict"] = verdict };
            invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
            return ExitCode.Done;
        }
        story.Coefficients(Path.Combine(folder, "umm-k4"));
        invocation.Terminal.Result($"\nPairwise accuracy [95 % interval]; * differs from dense\n{AccuracyTable.Of(results).ToText()}\n{verdict}\n");
        invocation.Terminal.Note($"\nrun folder: {folder} (metrics.jsonl, TensorBoard events, one folder a stage; every model is an ordinary Hugging Face folder)");
        return ExitCode.Done;
    }
}
