using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Diagnosis;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm doctor</c></summary>
internal sealed class DoctorCommand : Verb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "a model's folder or hub id (org/name[@revision])");
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "rows to train on: a file, a folder, a hub id or a data set's name, with a split or a slice");
    private readonly Option<string> _evalData = OptionOf.Text("--eval-data", "PATH[:SPLIT]", "rows to measure on; looked through for what is in --data too");
    private readonly Option<string> _columns = OptionOf.Text("--columns", "OURS=THEIRS,...", "the file's names of columns: chosen=answer_a,rejected=answer_b");
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how prompt and response become one text (default: as the recipe says, else as the model's folder records)");
    private readonly Option<string> _recipe = OptionOf.Text("--recipe", "FILE", "a recipe; all models and rows that it names are looked at as far as they lie here");
    private readonly Option<string[]> _set = OptionOf.Many("--set", "KEY=VALUE", "with --recipe a change of it (data.root=./pairs), else a key of the reward stage that would be run (max_length=1024); as often as needed");

    public DoctorCommand()
        : base("doctor", VerbGroup.Inspect, "finds what would go wrong, silently or not",
            "Looks for what spoils reward models without a word: padding that ends texts, a begin token twice, an end token in training and not in scoring, a token across prompt and response, exchanged labels, repeated rows, rows trained on and measured on, "
            + "texts over the limit, scores that change with batch or padding, recorded scores that no longer hold, missing heads, quantised or missing weights. Everything is read by the code that trains and scores, and nothing is written. "
            + "Each finding says what, why it matters and what to do. With a model and rows it looks at the training that ummrm reward would do; without anything it looks at this machine. The exit code is 1 where there is an error.")
    {
        foreach (var option in (Option[])[_model, _data, _evalData, _columns, _template, _recipe, _set])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("doctor", "this machine: libtorch, processor, how fast it multiplies"),
        new("doctor --model runs/sft/model --data train.jsonl.gz --eval-data test.jsonl.gz", "before a reward model is trained"),
        new("doctor --recipe recipes/tinyllama/harmless.yaml --set data.root=./hh --set data.model=./tinyllama", "before a long run"),
    ];

    public override int Run(Invocation invocation)
    {
        invocation.UseThreads();
        using var beat = new Heartbeat(invocation.Terminal.Progress);
        var findings = Findings(invocation, new Doctor(Failure.Message, beat, invocation.Stopping));
        invocation.Terminal.EndStatus();
        if (invocation.Json)
            invocation.Terminal.Result(Document(findings).ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        else
            invocation.Terminal.Result(FindingTable.Text(findings, invocation.Terminal));
        return findings.Any(finding => finding.Severity == Severity.Error) ? ExitCode.Failed : ExitCode.Done;
    }

    private IReadOnlyList<Finding> Findings(Invocation invocation, Doctor doctor)
    {
        var (model, data, file) = (invocation.Value(_model), invocation.Value(_data), invocation.Value(_recipe));
        if (invocation.Value(_evalData) is not null && data is null)
            throw new UsageException("--eval-data is compared with --data; give both");
        StandardInput.RequireOne([data, invocation.Value(_evalData)]);
        if (model is null && data is null && file is null)
            return doctor.Machine();
        Recipe? recipe = null;
        var findings = file is null ? [] : doctor.Recipe(file, invocation.Value(_set)!, out recipe);
        var like = recipe?.Stages.OfType<RewardStage>().FirstOrDefault();
        return
        [
            .. findings,
            .. (model, data) switch
            {
                (null, null) => [],
                (null, _) => doctor.Data(invocation.Rows(data), invocation.Value(_evalData) is { } evaluation ? invocation.Rows(evaluation) : null, new ReadOptions { Columns = Columns(invocation), BadRows = like?.BadRows ?? BadRows.Error }),
                (_, null) => doctor.Model(invocation.Model(model), invocation.Value(_template) ?? like?.Template?.ToString(), like?.MaxLength),
                _ => Training(invocation, doctor, invocation.Model(model), data, like),
            },
        ];
    }

    /// <summary>The training that <c>ummrm reward</c> would do, or the recipe's first one with this model and these rows.</summary>
    private IReadOnlyList<Finding> Training(Invocation invocation, Doctor doctor, string model, string data, RewardStage? like)
    {
        string[] rows = [.. Columns(invocation).Select(column => $"data.columns.{column.Key}={column.Value}")];
        string[] settings = [$"model={model}", $"data.path={invocation.RowsFile(data)}", .. rows, .. Template(invocation), .. invocation.Value(_recipe) is null ? invocation.Value(_set)! : []];
        List<StageOptions> stages = [new("reward", "reward", settings)];
        if (invocation.Value(_evalData) is { } evaluation)
            stages.Add(new("eval", "eval", ["models=[reward]", $"data.evaluation.path={invocation.RowsFile(evaluation)}", .. rows.Select(row => $"data.evaluation.{row["data.".Length..]}"), .. Template(invocation)]));
        var made = RecipeFile.OfStages("reward", stages);
        var own = made.Stages.OfType<RewardStage>().Single();
        var stage = like is null ? own : like with { Name = own.Name, Model = own.Model, Data = own.Data, Template = own.Template ?? like.Template };
        using var outside = new OutsideInputs(progress: invocation.Terminal.Progress, note: invocation.Terminal.Note);
        return doctor.Training(stage, made.Stages.OfType<EvalStage>().SingleOrDefault(), outside);
    }

    private string[] Template(Invocation invocation) => invocation.Value(_template) is { } template ? [$"template={template}"] : [];

    private IReadOnlyDictionary<string, string> Columns(Invocation invocation) => ColumnNames.Of(invocation.Value(_columns));

    private static JsonArray Document(IEnumerable<Finding> findings) =>
        [.. findings.Select(finding => (JsonNode)new JsonObject
        {
            ["check"] = finding.Check,
            ["status"] = FindingTable.Word(finding.Severity),
            ["detail"] = $"{finding.Subject}: {finding.Detail}",
            ["remedy"] = finding.Remedy,
        })];
}
