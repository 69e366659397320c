using System.Globalization;
using UmmRm.Evaluation;
using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Two or more runs side by side: the settings that differ, accuracies and gold with their differences to the first run. A folder with several seeds counts as one run, measured once a seed.</summary>
public sealed class RunComparison
{
    private readonly IReadOnlyList<(string Label, IReadOnlyList<RunFolder> Seeds)> _runs;

    private RunComparison(IReadOnlyList<(string Label, IReadOnlyList<RunFolder> Seeds)> runs) => _runs = runs;

    /// <summary>Opens the folders.</summary>
    /// <exception cref="ArgumentException">There are fewer than two, one stands twice, or one is a sweep over a grid.</exception>
    /// <exception cref="FileNotFoundException">One is no run folder.</exception>
    public static RunComparison Open(IReadOnlyList<string> folders)
    {
        List<string> full = [.. folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))];
        if (full.Count < 2 || full.Distinct().Count() < full.Count)
            throw new ArgumentException($"{folders.Count} run folders were named ({string.Join(", ", folders)}); at least two are compared, each named once");
        var names = full.ConvertAll(folder => Path.GetFileName(folder));
        return new([.. full.Select((folder, i) => (names.Count(name => name == names[i]) == 1 ? names[i] : folders[i], RunReading.Open(folder).SeedsAtOnePlace()))]);
    }

    /// <summary>The head of the page.</summary>
    public RunReport Head() => new()
    {
        Title = $"{string.Join(" and ", _runs.Select(run => run.Label))} compared",
        Description = "Settings that differ, accuracies and gold, with differences to the first run.",
        Folder = _runs[0].Seeds[0].Path,
        Status = $"{_runs.Count} runs",
        Facts = [.. _runs.Select(run => KeyValuePair.Create(run.Label, $"{run.Seeds[0].Record.Recipe}, seed{(run.Seeds.Count > 1 ? "s" : "")} {string.Join(", ", run.Seeds.Select(seed => seed.Record.Seed))}"))],
        Points = [],
    };

    /// <summary>What is the same and what is not, in sections.</summary>
    public ReportContent Content()
    {
        List<ReportSection> sections = [new("settings", "Settings") { Tables = [Settings()] }];
        if (Accuracy() is { } accuracy)
            sections.Add(new("accuracy", "Accuracy") { Tables = [accuracy] });
        var methods = Methods();
        if (Verdicts(methods) is { } verdicts)
            sections.Add(new("gold", "Gold under optimisation") { Figures = CurveFigures.Of([.. methods.Select(method => method.Report)]), Tables = [verdicts] });
        return new ReportContent(sections);
    }

    /// <summary>A key that every stage of a missing name would differ in is said once, for the stage.</summary>
    private ReportTable Settings()
    {
        var settings = _runs.Select(run => RecipeSettings.Of(run.Seeds[0].RecipeText, Path.Combine(run.Seeds[0].Path, "recipe.resolved.yaml"))).ToList();
        var table = new ResultTable([new TableColumn("key"), .. _runs.Select(run => new TableColumn(run.Label))]);
        var stages = settings.ConvertAll(keys => keys.Keys.Select(StageOf).OfType<string>().ToHashSet());
        foreach (var stage in stages.SelectMany(names => names).Distinct().Where(stage => stages.Any(names => !names.Contains(stage))))
            table.Add([$"stages.{stage}", .. stages.Select(names => (TableCell)(names.Contains(stage) ? "there" : TableCell.Missing))]);
        foreach (var key in settings.SelectMany(keys => keys.Keys).Distinct().Where(key => key is not ("name" or "description") && (StageOf(key) is not { } stage || stages.All(names => names.Contains(stage)))))
        {
            var values = settings.ConvertAll(keys => keys.GetValueOrDefault(key));
            if (values.Distinct().Count() > 1)
                table.Add([key, .. values.Select(value => (TableCell)(value ?? TableCell.Missing))]);
        }
        return new ReportTable("settings", table.Rows.Count == 0 ? "No setting differs" : "Settings that differ", "Of the resolved recipes; a stage that a run does not have is named once.", table);
    }

    private static string? StageOf(string key) => key.Split('.') is ["stages", var stage, ..] ? stage : null;

    private ReportTable? Accuracy()
    {
        var results = _runs.Select(run => run.Seeds.Select(Results).ToList()).ToList();
        var keys = results.SelectMany(run => run.SelectMany(seed => seed.Keys)).Distinct().ToList();
        if (keys.Count == 0)
            return null;
        var table = new ResultTable([new TableColumn("model"), new TableColumn("data"), .. _runs.SelectMany((run, i) => i == 0 ? new[] { Number(run.Label) } : [Number(run.Label), Number($"{run.Label} - first")])]);
        foreach (var key in keys)
        {
            var measured = results.ConvertAll(run => run.Select(seed => seed.GetValueOrDefault(key)).OfType<PairwiseAccuracy>().ToList());
            table.Add([key.Model, key.Set, .. measured.SelectMany((seeds, i) => i == 0 ? new[] { AccuracyCell(seeds) } : [AccuracyCell(seeds), Difference(Of(measured[0]), Of(seeds))])]);
        }
        return new ReportTable("accuracy", "Pairwise accuracy", "With 95 % intervals. Differences are paired by seed where runs have several seeds in common number; with one seed their interval takes the two runs' pairs as independent, "
            + "which is too wide where they are the same.", table);
    }

    private static Dictionary<(string Model, string Set), PairwiseAccuracy> Results(RunFolder run) =>
        run.StagesOf("eval").Select(stage => run.Finished(stage, "results.json")).OfType<string>().SelectMany(AccuracyResult.ReadAll).DistinctBy(result => (result.Model, result.Set)).ToDictionary(result => (result.Model, result.Set), result => result.Accuracy);

    private static (OverSeeds Values, Interval Interval)? Of(IReadOnlyList<PairwiseAccuracy> seeds)
    {
        if (seeds.Count == 0)
            return null;
        var values = new OverSeeds([.. seeds.Select(accuracy => accuracy.Accuracy)]);
        return (values, values.Interval ?? seeds[0].Interval);
    }

    private static TableCell AccuracyCell(IReadOnlyList<PairwiseAccuracy> seeds) => Of(seeds) is { } measured ? TableCell.Share(measured.Values.Mean, measured.Interval) : TableCell.FromString(TableCell.Missing);

    private static TableCell Difference((OverSeeds Values, Interval Interval)? first, (OverSeeds Values, Interval Interval)? second)
    {
        if (first is not { } a || second is not { } b)
            return TableCell.FromString(TableCell.Missing);
        var mean = b.Values.Mean - a.Values.Mean;
        var interval = a.Values.Values.Count == b.Values.Values.Count && a.Values.Values.Count > 1
            ? PairedDifferences.Of(a.Values.Values, b.Values.Values).Interval
            : new Interval(
                mean - Together(b.Values.Mean - b.Interval.Low, a.Interval.High - a.Values.Mean),
                mean + Together(b.Interval.High - b.Values.Mean, a.Values.Mean - a.Interval.Low));
        return new TableCell($"{Signed(mean)} [{Signed(interval.Low)}, {Signed(interval.High)}]", mean, interval);
    }

    /// <summary>How far the difference of two independent numbers reaches (Newcombe 1998, method 10, for shares with Wilson's intervals).</summary>
    private static double Together(double one, double other) => Math.Sqrt((one * one) + (other * other));

    private static string Signed(double value) => value.ToString("+.000;-.000;.000", CultureInfo.InvariantCulture);

    private List<(int Run, MethodReport Report)> Methods()
    {
        var looks = _runs.Select(_ => 0).ToList();
        MethodFamily[] families = [MethodFamily.Merged, MethodFamily.Ensemble, MethodFamily.Mixture, MethodFamily.Average, MethodFamily.Other];
        List<(int, MethodReport)> methods = [];
        foreach (var (index, (label, seeds)) in _runs.Index())
        {
            foreach (var stage in seeds[0].StagesOf("ppo"))
            {
                var curves = seeds.Select(seed => seed.Latest(stage, "curve.json")).OfType<string>().Select(ProxyGoldCurve.Read).Where(curve => curve.Evaluations.Count > 0).ToList();
                if (curves.Count > 0)
                    methods.Add((index, new MethodReport($"{label}: {stage}", new Look(Palette.Of(families[index % families.Length], looks[index]++)), curves, [])));
            }
        }
        return methods;
    }

    private ReportTable? Verdicts(List<(int Run, MethodReport Report)> methods)
    {
        if (methods.Count == 0)
            return null;
        var table = new ResultTable(new TableColumn("run: method"), Number("gold start"), Number("peak"), Number("end"), Number("fall"), Number("end - first run's"), Number("end KL"), Number("proxy z"));
        foreach (var (run, report) in methods)
        {
            var watched = report.Curves.Where(curve => curve.Evaluations.All(e => e.GoldHalves is { Count: 2 } && e.Gold is not null)).ToList();
            var name = report.Name[(_runs[run].Label.Length + 2)..];
            var first = methods.FirstOrDefault(other => other.Run == 0 && other.Report.Name == $"{_runs[0].Label}: {name}").Report;
            if (watched.Count == 0)
                table.Add(report.Name, TableCell.Missing, TableCell.Missing, TableCell.Missing, TableCell.Missing, TableCell.Missing, Mean(report.Curves, e => e.Kl), Mean(report.Curves, e => e.ProxyZ));
            else
                table.Add(report.Name, TableCell.Number(watched.Average(curve => curve.Evaluations[0].Gold!.Value), 2), TableCell.Number(watched.Average(curve => GoldPeak.Of(curve).Gold), 2), Mean(watched, e => e.Gold!.Value),
                    TableCell.Number(watched.Average(curve => GoldPeak.Of(curve).Fall), 2), run == 0 ? TableCell.Missing : GoldDifference(first?.Curves, watched), Mean(watched, e => e.Kl), Mean(watched, e => e.ProxyZ));
        }
        return new ReportTable("verdict", "What became of gold", "Means over each run's seeds. The difference of final gold to the same method of the first run has a 95 % interval, paired by seed, where both have equally many seeds.", table);
    }

    private static TableCell Mean(IReadOnlyList<ProxyGoldCurve> curves, Func<PolicyEvaluation, double> measure) => TableCell.Number(curves.Average(curve => measure(curve.Evaluations[^1])), 2);

    private static TableCell GoldDifference(IReadOnlyList<ProxyGoldCurve>? first, IReadOnlyList<ProxyGoldCurve> second)
    {
        if (first is null || first.Any(curve => curve.Evaluations[^1].Gold is null))
            return TableCell.FromString(TableCell.Missing);
        OverSeeds Ends(IReadOnlyList<ProxyGoldCurve> curves) => OverSeeds.Of(curves, curve => curve.Evaluations[^1].Gold!.Value);
        var (a, b) = (Ends(first), Ends(second));
        return a.Values.Count == b.Values.Count && a.Values.Count > 1
            ? VerdictTable.Difference(PairedDifferences.Of(a.Values, b.Values))
            : new TableCell((b.Mean - a.Mean).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture), b.Mean - a.Mean);
    }

    private static TableColumn Number(string title) => new(title, RightAligned: true);
}
