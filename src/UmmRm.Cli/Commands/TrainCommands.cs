using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm sft</c>, <c>ummrm reward</c> and <c>ummrm ppo</c>: a run folder with one trained model in it.</summary>
internal abstract class TrainCommand : StageVerb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "the model to start from: a Hugging Face folder, or a hub id (org/name[@revision])");
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "a file, a folder, a hub id or a data set's name, with a split or a slice of its rows: ./hh:train[0:12000], hh-harmless:sft; - is stdin");
    private readonly Option<string> _columns = OptionOf.Text("--columns", "OURS=THEIRS,...", "the file's names of columns: chosen=answer_a,rejected=answer_b");
    private readonly string _dataKey;
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how prompt and response become one text: raw, alpaca, coste, hh, chat (the model's own chat template), or a .jinja or .json file (default: as the model's folder records, else its chat template, else raw)");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder; the model goes to DIR/model");

    protected TrainCommand(string kind, string summary, string description, string dataKey = "data") : base(kind, VerbGroup.Train, summary, description)
    {
        _dataKey = dataKey;
        foreach (var option in (Option[])[_model, _data, _columns, _template, _output])
            Add(option);
    }

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"model={Needed(invocation, _model)}",
        .. Data(_dataKey, Needed(invocation, _data), invocation.Value(_columns)),
        .. invocation.Value(_template) is { } template ? new[] { $"template={template}" } : [],
    ];

    protected override int Execute(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var folder = Needed(invocation, _output);
        run("model", folder);
        var last = MetricLog.Read(Path.Combine(folder, MetricLog.FileName)).Last(line => line.Stage == "model");
        if (invocation.Json)
        {
            var metrics = new JsonObject();
            foreach (var (name, value) in last.Metrics)
                metrics[name] = double.IsFinite(value) ? value : null;
            var document = new JsonObject { ["run"] = Path.GetFullPath(folder), ["model"] = Path.GetFullPath(Path.Combine(folder, "model")), ["steps"] = last.Step, ["metrics"] = metrics };
            invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
            return ExitCode.Done;
        }
        invocation.Terminal.Result($"model: {Path.Combine(folder, "model")}\n");
        foreach (var (name, value) in last.Metrics)
            invocation.Terminal.Result(FormattableString.Invariant($"{name}: {value:g5}\n"));
        return ExitCode.Done;
    }
}

/// <summary><c>ummrm sft</c></summary>
internal sealed class SftCommand() : TrainCommand("sft", "fine-tune a language model on responses",
    "Supervised fine-tuning: the model learns the responses and only reads the prompts. Rows are instructions (instruction, input, output), prompt and response, conversations, or preference pairs, "
    + "of which the chosen side is learned. The run folder holds metrics.jsonl under TRL's names, TensorBoard events, and snapshots from which a stopped run goes on exactly.")
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("sft --model ./base --data sft.jsonl.gz --template alpaca --output runs/sft", "one model"),
        new("sft --set help", "every setting, with unit, default and range"),
    ];
}

/// <summary><c>ummrm reward</c></summary>
internal sealed class RewardCommand() : TrainCommand("reward", "train a reward model on preference pairs",
    "Bradley-Terry training of a reward model: from a language model (a new head is drawn from the seed), from a reward model (its head is kept), or from an upcycled mixture. A pair is one row: the prefix that both "
    + "sides share is computed once. Pairs with a side longer than max_length are dropped and counted; a response is never cut.")
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("reward --model runs/sft/model --data train.jsonl.gz --output runs/dense", "a dense reward model"),
        new("reward --model ./mixture --data train.jsonl.gz --output runs/moe --set epochs=1 --set precision=mixed", "the mixture that upcycle made"),
        new("reward --set help", "every setting, with unit, default and range"),
    ];
}

/// <summary><c>ummrm ppo</c></summary>
internal sealed class PpoCommand : TrainCommand
{
    private const string EnsembleStageName = "ensemble";

    private readonly Option<string> _proxy = OptionOf.Text("--proxy", "DIR", "the reward to maximise: a reward model's folder, an ensemble.json or the http:// address of a reward server; it may have another tokenizer and template than the policy");
    private readonly EnsembleOptions _ensemble = new(lambda: 0.1, unbiasedVariance: true);
    private readonly Option<string> _reference = OptionOf.Text("--reference", "PATH[:SPLIT]", "pairs on which an ensemble's members are first given mean 0 and standard deviation 1 (default: they keep their own scales)");
    private readonly Option<string> _gold = OptionOf.Text("--gold", "DIR", "the reward that only watches: a reward model's folder, an ensemble.json or a gold.json (default: nobody)");
    private readonly Option<string> _evalData = OptionOf.Text("--eval-data", "PATH[:SPLIT]", "the prompts of every evaluation");

    public PpoCommand() : base("ppo", "train a policy against a reward by PPO",
        "Proximal policy optimisation: the policy (--model) answers prompts (--data) and learns from what the proxy scores higher. Fixed evaluation prompts are answered now and then and scored by proxy and gold; gold never reaches an "
        + "update. DIR/model is the policy at the end, DIR/model/peak the policy when gold was highest; DIR/model/curve.json has every evaluation, DIR/model/samples their texts.", "prompts")
    {
        foreach (var option in (Option[])[_proxy, .. _ensemble.All, _reference, _gold, _evalData])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("ppo --model runs/sft/model --proxy runs/dense/model --gold ./gold --data prompts.jsonl --eval-data held-out.jsonl --output runs/ppo", "watched by gold"),
        new("ppo --model runs/sft/model --models runs/a/model runs/b/model runs/c/model --combine uwo --reference pairs.jsonl --data prompts.jsonl --eval-data held-out.jsonl --output runs/ppo-uwo", "against an ensemble, its members on one scale"),
        new("ppo --set help", "every setting, with unit, default and range"),
    ];

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        .. base.Settings(invocation),
        $"proxy={Proxy(invocation)}",
        .. Data("eval_prompts", Needed(invocation, _evalData), null),
        .. invocation.Value(_gold) is { } gold ? new[] { $"gold={gold}" } : [],
    ];

    protected override IEnumerable<StageOptions> Before(Invocation invocation) =>
        _ensemble.Members(invocation).Length == 0 ? [] : [new(EnsembleStageName, EnsembleStageName, [.. _ensemble.Settings(invocation, invocation.Value(_reference))])];

    private string Proxy(Invocation invocation)
    {
        var (proxy, members) = (invocation.Value(_proxy), _ensemble.Members(invocation));
        if (proxy is not null && members.Length > 0)
            throw new UsageException("--proxy and --models contradict each other: give one of them");
        if (members.Length == 0 && invocation.Value(_reference) is not null)
            throw new UsageException("--reference is for the members of an ensemble; name them with --models");
        return members.Length > 0 ? EnsembleStageName : Needed(invocation, _proxy);
    }
}
