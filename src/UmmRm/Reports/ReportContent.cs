using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>A part of the page.</summary>
/// <param name="Anchor">Its id.</param>
/// <param name="Title">Its heading; empty for what stands at the page's head.</param>
public sealed record ReportSection(string Anchor, string Title)
{
    /// <summary>Sentences at its top.</summary>
    public string Words { get; init; } = "";

    /// <summary>More sentences.</summary>
    public string Details { get; init; } = "";

    /// <summary>Figures.</summary>
    public IReadOnlyList<IFigure> Figures { get; init; } = [];

    /// <summary>Tables below them.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    /// <summary>Policies whose answers are shown.</summary>
    public IReadOnlyList<MethodReport> Samples { get; init; } = [];

    /// <summary>Small print.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>A long text, folded away.</summary>
    public string Folded { get; init; } = "";
}

/// <summary>A report's sections with their figures and tables: what the page, the files beside it and the tests go through.</summary>
public sealed class ReportContent
{
    private readonly Dictionary<object, string> _names = new(ReferenceEqualityComparer.Instance);

    /// <summary>Lays a report out.</summary>
    /// <param name="report">What it shows.</param>
    /// <param name="shiftMinimum">Curves the paper's way, see <see cref="CurveFigures.Of"/>.</param>
    public ReportContent(RunReport report, bool shiftMinimum = false)
        : this([.. report.Points.Count > 1 ? OfSweep(report) : [], .. report.Points.SelectMany(point => At(report.Points.Count > 1 ? point.Name : "", OfPoint(point, report, shiftMinimum))), .. OfRun(report)]) => Absent = [.. Missing(report)];

    /// <summary>Takes sections as they are.</summary>
    public ReportContent(IReadOnlyList<ReportSection> sections)
    {
        Sections = sections;
        NameAll(Figures.Select(figure => ((object)figure, figure.Name)));
        NameAll(Tables.Select(table => ((object)table, $"{table.Name}-table")));
    }

    /// <summary>The sections from top to bottom.</summary>
    public IReadOnlyList<ReportSection> Sections { get; }

    /// <summary>What is not there, and what would make it.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Absent { get; } = [];

    /// <summary>All figures.</summary>
    public IEnumerable<IFigure> Figures => Sections.SelectMany(section => section.Figures);

    /// <summary>All tables.</summary>
    public IEnumerable<ReportTable> Tables => Sections.SelectMany(section => section.Tables);

    /// <summary>A name for a figure's files, which no other has.</summary>
    public string FileNameOf(IFigure figure) => _names[figure];

    /// <summary>A name for a table's files.</summary>
    public string FileNameOf(ReportTable table) => _names[table];

    private void NameAll(IEnumerable<(object Item, string Name)> items)
    {
        foreach (var (item, name) in items)
            _names[item] = Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? name : $"{name}-{i}").First(candidate => !_names.ContainsValue(candidate));
    }

    private static IEnumerable<ReportSection> At(string place, IEnumerable<ReportSection> sections) =>
        place.Length == 0 ? sections : sections.Select(section => section with { Figures = [.. section.Figures.Select(figure => new FigureAtPlace(figure, place))] });

    private static IEnumerable<ReportSection> OfPoint(PointReport point, RunReport report, bool shiftMinimum)
    {
        var at = report.Points.Count > 1 ? $" at {point.Name}" : "";
        var id = string.Concat(at.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        if (point.Words.Length > 0 || point.Warnings.Count > 0)
            yield return new($"found{id}", at.Length == 0 ? "" : $"What was found{at}") { Words = point.Words, Details = point.Comparison, Remarks = point.Warnings };
        if (CurveFigures.Of(point.Methods, shiftMinimum) is { Count: > 0 } curves)
            yield return new($"hacking{id}", $"Gold and proxies{at}") { Figures = curves, Tables = point.Verdicts };
        if (at.Length == 0)
        {
            foreach (var sweep in OfSweep(report))
                yield return sweep;
        }
        if (point.Transfer is { } transfer)
            yield return new($"transfer{id}", $"Do exploits transfer?{at}") { Figures = [MatrixFigures.Transfer(transfer)] };
        if (point.Methods.Where(method => method.Samples.Count > 0).ToList() is { Count: > 0 } sampled)
            yield return new($"answers{id}", $"Answers{at}") { Words = "What policies say at the start of their training, where gold was highest, and at the end.", Samples = sampled, Remarks = ["Equal prompts in each; of the first seed. Those are shown whose gold fell furthest from its peak under the first method."] };
        foreach (var bon in point.BestOfN)
            yield return new($"{bon.Table.Name}{id}", $"Best of n{at}") { Figures = [SmoothnessFigures.BestOfN(bon)], Tables = [bon.Table] };
        if (point.Accuracies.Count > 0)
            yield return new($"accuracy{id}", $"Accuracy{at}") { Figures = [.. point.Accuracies.Select(MatrixFigures.Accuracy)], Tables = [.. point.Accuracies.Select(accuracy => accuracy.Table)] };
        foreach (var sensitivity in point.Sensitivities)
            yield return new($"{sensitivity.Table.Name}{id}", $"Sensitivity{at}") { Figures = [.. SmoothnessFigures.Sensitivity(sensitivity)], Tables = sensitivity.Spread is null ? [sensitivity.Table] : [sensitivity.Table, sensitivity.Spread] };
        if (point.Merges.Count > 0)
            yield return new($"merges{id}", $"Merges{at}") { Figures = MatrixFigures.Merges(point.Merges), Remarks = [.. point.Merges.Where(merge => merge.Remark.Length > 0).Select(merge => $"{merge.Name} ({merge.Method}): {merge.Remark}")] };
    }

    private static IEnumerable<ReportSection> OfSweep(RunReport report)
    {
        if (report.Settings.Count > 0 || report.Grid is not null)
            yield return new("sweep", "k, alpha and merging") { Figures = SettingFigures.Of(report.Settings), Tables = report.Grid is null ? [] : [report.Grid] };
    }

    private static IEnumerable<ReportSection> OfRun(RunReport report)
    {
        if (report.Costs is not null)
            yield return new("costs", "What it cost") { Tables = [report.Costs] };
        if (report.Recipe.Length > 0)
            yield return new("recipe", "The whole recipe") { Folded = report.Recipe };
    }

    private static IEnumerable<KeyValuePair<string, string>> Missing(RunReport report)
    {
        if (report.Points.All(point => point.Methods.Count == 0))
            yield return new("gold and proxy curves, answers", "ppo stages make them, such as those of recipes/demo/default.yaml");
        if (report.Points.All(point => point.Words.Length == 0))
            yield return new("a verdict", "a verdict stage makes it, once every ppo stage that it names is done");
        if (report.Points.All(point => point.Transfer is null))
            yield return new("the exploit-transfer matrix", "a transfer stage makes it");
        if (report.Points.All(point => point.Accuracies.Count == 0))
            yield return new("accuracies", "an eval stage makes them");
        if (report.Points.All(point => point.Merges.Count == 0))
            yield return new("merge coefficients and expert usage", "merge stages make them");
        if (report.Points.All(point => point.BestOfN.Count == 0))
            yield return new("best of n", "a bon stage makes it");
        if (report.Points.All(point => point.Sensitivities.Count == 0))
            yield return new("sensitivity to small changes", "a sensitivity stage makes it");
        foreach (var (setting, name) in new[] { (MethodSetting.Alpha, "alpha"), (MethodSetting.TopK, "k"), (MethodSetting.Merge, "the methods of merging") })
        {
            if (report.Settings.All(group => group.Setting != setting))
                yield return new($"gold by {name}", "ummrm sweep recipes/demo/sweep.yaml makes it");
        }
        if (report.Points.SelectMany(point => point.Methods).Any() && report.Points.SelectMany(point => point.Methods).All(method => method.Curves.Count < 2))
            yield return new("intervals over seeds", "ummrm sweep, or ummrm demo --seeds 8, makes them: one seed compares nothing");
    }
}
