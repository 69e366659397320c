using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Weights;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm upcycle</c></summary>
internal sealed class UpcycleCommand : StageVerb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DENSE", "a language model's folder (the head is new) or a dense reward model's (its head is kept)");
    private readonly Option<int?> _experts = OptionOf.Integer("--experts", "N", "experts, the shared one included: 8 is 1 shared and 7 routed (default: 8)", 2, 1024);
    private readonly Option<int?> _topK = OptionOf.Integer("--top-k", "K", "routed experts that each token visits besides the shared one (default: 4)", 1, 1023);
    private readonly Option<double?> _sharedWeight = OptionOf.Number("--shared-weight", "ALPHA", "the shared expert's fixed gate, between 0 and 1 (default: 0.5)", 0, 1);
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the mixture's folder");

    public UpcycleCommand()
        : base("upcycle", VerbGroup.Build, "dense model -> mixture of experts",
            "Copies every feed-forward block of a dense model into one shared and several routed experts, with a router whose weights are drawn from the seed. All experts are equal at first, so the mixture computes "
            + "exactly what the dense model computes, until it is trained. Works layer by layer: memory for one tensor is enough.")
    {
        foreach (var option in (Option[])[_model, _experts, _topK, _sharedWeight, _output])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples => [new("upcycle --model runs/sft/model --experts 8 --top-k 4 --shared-weight 0.5 --output mixture", "1 shared and 7 routed experts, 4 of them a token")];

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"model={Needed(invocation, _model)}",
        .. invocation.Value(_experts) is { } experts ? new[] { $"moe.num_experts={experts}" } : [],
        .. invocation.Value(_topK) is { } topK ? new[] { $"moe.top_k={topK}" } : [],
        .. invocation.Value(_sharedWeight) is { } alpha ? new[] { FormattableString.Invariant($"moe.shared_expert_weight={alpha}") } : [],
    ];

    protected override int Execute(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var output = Needed(invocation, _output);
        PlacedResult.Model(output, [Needed(invocation, _model)], folder => run(PlacedResult.Stage, folder));
        if (invocation.Json)
            invocation.Terminal.Json(json => json.WriteString("model", Path.GetFullPath(output)));
        else
            invocation.Terminal.Result($"mixture: {output}\n");
        return ExitCode.Done;
    }
}

/// <summary><c>ummrm merge</c></summary>
internal sealed class MergeCommand : StageVerb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "MOE", "a trained mixture's folder");
    private readonly Option<string> _method = OptionOf.Choice("--method", "how the routed experts are weighed", "learned", "expected-gate", "uniform");
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "calibration pairs that the mixture was not trained on (learned and expected-gate need them)");
    private readonly Option<string> _columns = OptionOf.Text("--columns", "OURS=THEIRS,...", "the file's names of columns");
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how prompt and response become one text (default: as the mixture's folder records)");
    private readonly Option<string> _coefficients = OptionOf.Text("--coefficients", "FILE", "a merge.json whose coefficients are used as they are");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the merged model's folder");

    public MergeCommand()
        : base("merge", VerbGroup.Build, "mixture -> one ordinary dense reward model",
            "Averages a mixture's experts into one dense reward model of the original architecture, size and cost: alpha times the shared expert plus 1 - alpha times the weighted routed ones. learned minimises the merged "
            + "model's loss on calibration pairs, expected-gate takes how much each expert was used, uniform weighs all alike. merge.json beside the weights says which coefficients came out and how far they moved.")
    {
        foreach (var option in (Option[])[_model, _method, _data, _columns, _template, _coefficients, _output])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("merge --model runs/moe/model --method learned --data calibration.jsonl --output merged", "weights learned on calibration pairs"),
        new("merge --model runs/moe/model --method uniform --output merged", "needs no data"),
    ];

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"model={Needed(invocation, _model)}",
        $"method={invocation.Value(_method)}",
        .. Data("data", invocation.Value(_data), invocation.Value(_columns)),
        .. invocation.Value(_template) is { } template ? new[] { $"template={template}" } : [],
        .. invocation.Value(_coefficients) is { } file ? new[] { $"coefficients={file}" } : [],
    ];

    protected override int Execute(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var output = Needed(invocation, _output);
        PlacedResult.Model(output, [Needed(invocation, _model)], folder => run(PlacedResult.Stage, folder));
        var record = MergeRecord.Read(output)!;
        if (invocation.Json)
        {
            var document = new JsonObject
            {
                ["model"] = Path.GetFullPath(output),
                ["method"] = record.Method,
                ["coefficients"] = JsonSerializer.SerializeToNode(record.Coefficients),
                ["l1_from_start"] = JsonSerializer.SerializeToNode(record.L1FromStart),
                ["l1_from_uniform"] = JsonSerializer.SerializeToNode(record.L1FromUniform),
                ["loss_before"] = record.LossBefore,
                ["loss_after"] = record.LossAfter,
            };
            invocation.Terminal.Result(document.ToJsonString(JsonSerializerOptions.Default) + "\n");
            return ExitCode.Done;
        }
        foreach (var (layer, beta) in record.Coefficients.Index())
            invocation.Terminal.Result($"layer {layer}: {string.Join(' ', beta.Select(b => FormattableString.Invariant($"{b:.000}")))}\n");
        invocation.Terminal.Result(FormattableString.Invariant($"L1 from uniform: {record.L1FromUniform.Average():0.000}") + (record.L1FromStart is { } moved ? FormattableString.Invariant($", from the start: {moved.Average():0.000}") : "") + "\n");
        invocation.Terminal.Result($"model: {output}\n");
        return ExitCode.Done;
    }
}

/// <summary><c>ummrm average</c></summary>
internal sealed class AverageCommand : StageVerb
{
    private readonly Option<string[]> _models = OptionOf.Many("--models", "A B C", "the models' folders, at least two");
    private readonly Option<string[]> _weights = OptionOf.Many("--weights", "1 2 1", "a weight for each (default: all alike)");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the average's folder");

    public AverageCommand()
        : base("average", VerbGroup.Build, "WARM: the parameter average of several models",
            "Averages the weights of models that were fine-tuned from one start with one head, as WARM does with different learning rates. Refuses models whose architecture, shapes or tokenizer differ.")
    {
        Add(_models);
        Add(_weights);
        Add(_output);
    }

    public override IReadOnlyList<Example> Examples => [new("average --models runs/half/model runs/one/model runs/two/model --output warm", "three learning rates")];

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"models=[{string.Join(", ", invocation.Value(_models)!.Select(path => JsonSerializer.Serialize(path)))}]",
        .. invocation.Value(_weights) is { Length: > 0 } weights ? new[] { $"weights=[{string.Join(", ", weights)}]" } : [],
    ];

    protected override int Execute(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var output = Needed(invocation, _output);
        PlacedResult.Model(output, invocation.Value(_models)!, folder => run(PlacedResult.Stage, folder));
        if (invocation.Json)
            invocation.Terminal.Json(json => json.WriteString("model", Path.GetFullPath(output)));
        else
            invocation.Terminal.Result($"model: {output}\n");
        return ExitCode.Done;
    }
}
