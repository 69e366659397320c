using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm bon</c></summary>
internal sealed class BonCommand : StageVerb
{
    private const string EnsembleStageName = "ensemble";

    private readonly Option<string> _model = OptionOf.Text("--model", "POLICY", "the policy that answers: a language model's folder");
    private readonly Option<string[]> _proxies = OptionOf.Many("--proxy", "DIR ...", "the rewards that choose, each by itself: reward models' folders, ensemble.json files, http:// addresses; the first is what the others are compared with");
    private readonly EnsembleOptions _ensemble = new(lambda: 0.5, unbiasedVariance: false);
    private readonly Option<string> _reference = OptionOf.Text("--reference", "PATH[:SPLIT]", "pairs on which an ensemble's members are first given mean 0 and standard deviation 1 (default: they keep their own scales)");
    private readonly Option<string> _gold = OptionOf.Text("--gold", "DIR", "the true reward that judges: a reward model's folder, an ensemble.json, a gold.json or an address");
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "the prompts");
    private readonly Option<int?> _samples = OptionOf.Integer("--samples", "N", "answers to each prompt, the largest n (default: 64); thousands are fine", 2, 1 << 20);
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how the policy's prompts become a text: raw, alpaca, coste, hh, chat (the model's own chat template), or a .jinja or .json file (default: as its folder records, else its chat template, else raw)");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder; the curves go to DIR/bon/bon.json");

    public BonCommand()
        : base("bon", VerbGroup.Use, "best-of-n: what a reward's choice among n answers is worth",
            "The policy answers every prompt N times. Each reward then chooses the best of n = 1, 2, 4, ..., N of the same answers, and gold says what the choice is worth: the unbiased estimate over all ways to draw n, with 95 % intervals over "
            + "prompts. n stands for optimisation without training: best-of-n lies ln n - (n - 1) / n nats from the policy. Where a curve falls while the proxy's own score rises, the proxy is being exploited. Gold's own choice is the last row: the most that is to be had.")
    {
        foreach (var option in (Option[])[_model, _proxies, .. _ensemble.All, _reference, _gold, _data, _samples, _template, _output])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("bon --model runs/sft/model --proxy runs/dense/model ./merged --gold ./gold --data prompts.jsonl --output runs/bon", "which of two reward models chooses better?"),
        new("bon --model runs/sft/model --models runs/a/model runs/b/model --combine uwo --gold ./gold --data prompts.jsonl --samples 4096 --output runs/bon --json", "an ensemble, far out, for a script"),
        new("bon --set help", "every setting, with unit, default and range"),
    ];

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"model={Needed(invocation, _model)}",
        $"rewards={JsonSerializer.Serialize(Rewards(invocation))}",
        $"gold={Needed(invocation, _gold)}",
        .. Data("prompts", Needed(invocation, _data), null),
        .. invocation.Value(_samples) is { } samples ? new[] { FormattableString.Invariant($"samples={samples}") } : [],
        .. invocation.Value(_template) is { } template ? new[] { $"template={template}" } : [],
    ];

    protected override IEnumerable<StageOptions> Before(Invocation invocation) =>
        _ensemble.Members(invocation).Length == 0 ? [] : [new(EnsembleStageName, EnsembleStageName, [.. _ensemble.Settings(invocation, invocation.Value(_reference))])];

    protected override int Execute(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var folder = Needed(invocation, _output);
        run("bon", folder);
        var result = BonResult.Read(Path.Combine(folder, "bon"));
        if (invocation.Json)
        {
            var document = result.ToJson();
            document.Insert(0, "run", JsonValue.Create(Path.GetFullPath(folder)));
            invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
            return ExitCode.Done;
        }
        invocation.Terminal.Result(result.Table().ToText());
        invocation.Terminal.Result($"\n{result.Prompts} prompts, {result.Samples} answers to each ({result.Distinct} different ones in all); gold is {result.Gold}\n");
        return ExitCode.Done;
    }

    private string[] Rewards(Invocation invocation)
    {
        string[] rewards = [.. invocation.Value(_proxies)!, .. _ensemble.Members(invocation).Length > 0 ? new[] { EnsembleStageName } : []];
        return rewards.Length > 0 ? rewards : throw new UsageException("--proxy is missing (or --models, for an ensemble): who chooses?");
    }
}
