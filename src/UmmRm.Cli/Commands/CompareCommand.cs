using System.CommandLine;
using System.Text;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm compare RUN RUN ...</c></summary>
internal sealed class CompareCommand : Verb
{
    private readonly Argument<string[]> _runs = new("RUN") { Description = "two or more run folders; one of a sweep over seeds counts as one run", HelpName = "RUN RUN ...", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _output = OptionOf.Text("--output", "F.html", "also writes a page, with F.json and CSV and figures in F-figures/ beside it");

    public CompareCommand()
        : base("compare", VerbGroup.Inspect, "two or more runs side by side",
            "Lays run folders side by side: the settings that differ, every accuracy with its difference to the first run's, and what became of gold under each method. "
            + "One seed a run compares little: reward models of one method differ by seed as much as methods do. Name sweeps over the same seeds to get differences that are paired by seed.")
    {
        Arguments.Add(_runs);
        Add(_output);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("compare runs/demo runs/demo-other", "what did that setting change?"),
        new("compare runs/a-sweep runs/b-sweep --output a-b.html --json", "two sweeps, differences paired by seed"),
    ];

    public override int Run(Invocation invocation)
    {
        if (invocation.Value(_runs)! is not { Length: > 1 } folders)
            throw new UsageException("compare needs two run folders at least. Try: ummrm compare --help");
        var comparison = RunComparison.Open(folders);
        var (head, content) = (comparison.Head(), comparison.Content());
        if (invocation.Value(_output) is { } page)
        {
            if (ReportFiles.Write(head, content, ReportWriting.Page(page)) is { } obstacle)
                invocation.Terminal.Warn($"no PNG figures: {obstacle}. SVG figures are there");
            invocation.Terminal.Note($"page: {page}");
        }
        if (invocation.Json)
            invocation.Terminal.Result(Encoding.UTF8.GetString(ReportFiles.ToJson(head, content)));
        else
            invocation.Terminal.Result(string.Join('\n', content.Tables.Select(table => table.Table.Rows.Count == 0 ? $"{table.Title}\n" : $"{table.Title}\n{table.Table.ToText()}")));
        return ExitCode.Done;
    }
}
