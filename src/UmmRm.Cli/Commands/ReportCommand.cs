using System.CommandLine;
using System.Text;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm report RUN</c></summary>
internal sealed class ReportCommand : Verb
{
    private const int ReloadSeconds = 10;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Argument<string> _run = new("RUN") { Description = "a run's folder, or a sweep's with several seeds" };
    private readonly Option<string> _output = OptionOf.Text("--output", "F.html", "the page (default: RUN/report.html); F.json and F-figures/ are written beside it");
    private readonly Option<bool> _watch = OptionOf.Switch("--watch", "writes the page again whenever the run has come further, until it ends; the page reloads itself");
    private readonly Option<bool> _shift = OptionOf.Switch("--shift-minimum", "shifts every curve so that its minimum is 0, as the paper does; methods can then no longer be compared");

    public ReportCommand()
        : base("report", VerbGroup.Inspect, "a run or a sweep as one HTML page, with figures and numbers",
            "Writes one HTML file that shows what a run found: gold and proxy curves with intervals over seeds, gold by divergence, the verdict, who is fooled by whose policy, answers at the start, at gold's peak and at the end, accuracies, merge "
            + "coefficients and expert usage, costs, and the whole recipe. It needs no network and no other file. Beside it lie the same numbers as JSON and CSV and every figure as SVG and PNG. "
            + "A run that is still at work, or was stopped, gives a report of what it has.")
    {
        Arguments.Add(_run);
        foreach (var option in (Option[])[_output, _watch, _shift])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("report runs/demo", "writes runs/demo/report.html"),
        new("report runs/demo-sweep --output evidence.html", "all seeds of a sweep, with intervals"),
        new("report runs/demo --watch", "in a second terminal, while the demo runs"),
    ];

    public override int Run(Invocation invocation)
    {
        var folder = invocation.Value(_run)!;
        var page = ReportWriting.Page(invocation.Value(_output) ?? Path.Combine(folder, ReportWriting.PageName));
        var shift = invocation.Value(_shift);
        var report = invocation.Value(_watch) ? Watch(invocation, folder, page, shift) : ReportWriting.Write(invocation.Terminal, folder, page, shift);
        if (invocation.Json)
            invocation.Terminal.Result(Encoding.UTF8.GetString(ReportFiles.ToJson(report, new ReportContent(report, shift))));
        else
            invocation.Terminal.Result($"{page}\n");
        return ExitCode.Done;
    }

    /// <summary>Writes the page, and again whenever the run has come further; the last one, when the run has ended, stays as it is.</summary>
    private static RunReport Watch(Invocation invocation, string folder, string page, bool shift)
    {
        invocation.Terminal.Note($"watching {folder}; the page is {page}; Ctrl-C ends the watching, not the run");
        for (DateTime written = default; ;)
        {
            var reading = RunReading.Open(folder);
            var seen = reading.LastWritten();
            if (!reading.IsAtWork)
                return ReportWriting.Write(invocation.Terminal, folder, page, shift);
            if (seen != written && reading.Read() is var report)
            {
                ReportFiles.Write(report, page, shift, ReloadSeconds);
                written = report.Troubles.Count > 0 ? default : seen; // what the run was just replacing is looked for again
            }
            invocation.Stopping.WaitHandle.WaitOne(Look);
            invocation.Stopping.ThrowIfCancellationRequested();
        }
    }
}
