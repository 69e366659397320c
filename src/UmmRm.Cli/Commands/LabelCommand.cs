using System.CommandLine;
using UmmRm.Recipes;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm label</c></summary>
internal sealed class LabelCommand : StageVerb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "GOLD", "a reward model's folder, an ensemble.json, or the built-in world's gold.json");
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "the preference pairs to label");
    private readonly Option<string> _columns = OptionOf.Text("--columns", "OURS=THEIRS,...", "the file's names of columns");
    private readonly Option<double?> _noise = OptionOf.Number("--noise", "P", "probability with which a label is flipped (default: 0)", 0, 1);
    private readonly Option<string> _output = OptionOf.Text("--output", "FILE", "the labelled pairs, as JSONL, gzipped where the name ends in .gz; - is stdout");

    public LabelCommand()
        : base("label", VerbGroup.Build, "preference labels from a gold reward",
            "Scores both sides of every pair with a gold reward and exchanges chosen and rejected where gold prefers the other, as the paper does before its RLHF runs. Every field of a row is kept; exact ties are dropped and counted.")
    {
        foreach (var option in (Option[])[_model, _data, _columns, _noise, _output])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples => [new("label --model ./gold --data pairs.jsonl --noise 0.25 --output labelled.jsonl", "a quarter of the labels wrong")];

    protected override IEnumerable<string> Settings(Invocation invocation) =>
    [
        $"model={Needed(invocation, _model)}",
        .. Data("data", Needed(invocation, _data), invocation.Value(_columns)),
        .. invocation.Value(_noise) is { } noise ? new[] { FormattableString.Invariant($"noise={noise}") } : [],
    ];

    protected override int Execute(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var output = Needed(invocation, _output);
        if (output == "-")
            return Print(invocation, run);
        PlacedResult.OneFile(output, "pairs.jsonl", folder => run(PlacedResult.Stage, folder));
        if (invocation.Json)
            invocation.Terminal.Json(json => json.WriteString("output", Path.GetFullPath(output)));
        return ExitCode.Done;
    }

    private static int Print(Invocation invocation, Func<string, string, RunRecord> run)
    {
        var work = Directory.CreateTempSubdirectory("ummrm-");
        try
        {
            run(PlacedResult.Stage, work.FullName);
            foreach (var line in File.ReadLines(Path.Combine(work.FullName, PlacedResult.Stage, "pairs.jsonl")))
                invocation.Terminal.Result($"{line}\n");
            return ExitCode.Done;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
