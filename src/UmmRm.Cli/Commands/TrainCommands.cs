using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm sft</c> and <c>ummrm reward</c>: a run folder with one trained model in it.</summary>
internal abstract class TrainCommand : StageVerb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "the model to start from: a Hugging Face folder");
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "a file or folder of rows, with a split or a slice of its rows: ./hh:train[0:12000]");
    private readonly Option<string> _columns = OptionOf.Text("--columns", "OURS=THEIRS,...", "the file's names of columns: chosen=answer_a,rejected=answer_b");
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how prompt and response become one text: raw, alpaca, coste, hh (default: as the model's folder records, else raw)");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the run folder; the model goes to DIR/model");

    protected TrainCommand(string kind, string summary, string description) : base(kind, VerbGroup.Train, summary, description)
    {
        foreach (var option in (Option[])[_model, _data, _columns, _template, _output])
            Add(option);
    }

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"model={Needed(invocation, _model)}",
        .. Data("data", Needed(invocation, _data), invocation.Value(_columns)),
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
