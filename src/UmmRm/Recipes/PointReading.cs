using UmmRm.Evaluation;
using UmmRm.Figures;
using UmmRm.Reports;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Reads the runs of one recipe that differ in their seed.</summary>
internal sealed class PointReading
{
    private readonly IReadOnlyList<RunFolder> _runs;
    private readonly RunFolder _first;
    private readonly RewardLooks _looks;
    private readonly Attempts _attempts;
    private IReadOnlyList<HackingVerdict> _verdicts = [];

    private PointReading(IReadOnlyList<RunFolder> runs, Attempts attempts)
    {
        (_runs, _first, _attempts) = (runs, runs[0], attempts);
        _looks = new RewardLooks(_first.Recipe, _first.StagesOf("ppo"));
    }

    /// <summary>What they show, and their verdicts.</summary>
    /// <param name="name">The place in a grid, or empty.</param>
    /// <param name="runs">One a seed.</param>
    /// <param name="attempts">Told what cannot be read.</param>
    public static (PointReport Report, IReadOnlyList<HackingVerdict> Verdicts) Read(string name, IReadOnlyList<RunFolder> runs, Attempts attempts)
    {
        var reading = new PointReading(runs, attempts);
        var report = new PointReport(name)
        {
            Methods = attempts.Try("curves", reading.Methods) ?? [],
            Accuracies = attempts.Try("accuracies", reading.Accuracies) ?? [],
            Merges = attempts.Try("merges", reading.Merges) ?? [],
            Transfer = attempts.Try("the exploit-transfer matrix", reading.Transfer),
            BestOfN = attempts.Try("best-of-n", reading.BestOfN) ?? [],
            Sensitivities = attempts.Try("sensitivity", reading.Sensitivities) ?? [],
            Warnings = reading.Warnings(),
        };
        var verdict = attempts.Try("the verdict", reading.Verdict);
        return (report with { Words = verdict?.Item1 ?? "", Comparison = verdict?.Item2 ?? "", Verdicts = verdict?.Item3 ?? [] }, reading._verdicts);
    }

    /// <summary>What the stages of the first run warned of, each sentence once with those who said it.</summary>
    private IReadOnlyList<string> Warnings() =>
    [
        .. _first.Record.Stages.SelectMany(stage => stage.Value.Warnings.Select(line => (Stage: stage.Key, Line: line))).GroupBy(warning => warning.Line, warning => warning.Stage)
            .Select(said => $"{said.Key} ({string.Join(", ", said.Take(3))}{(said.Count() > 3 ? $" and {said.Count() - 3} more" : "")}).".Replace(". (", " (", StringComparison.Ordinal)),
    ];

    private IReadOnlyList<BestOfNReport> BestOfN()
    {
        List<BestOfNReport> reports = [];
        foreach (var stage in _first.StagesOf("bon"))
        {
            var runs = _runs.Where(run => run.Finished(stage, BonResult.FileName) is not null).Select(run => BonResult.Read(Path.Combine(run.Path, stage))).ToList();
            if (runs.Count == 0)
                continue;
            var table = new ReportTable(stage, "Gold of the best of n", $"{Of(runs.Count)}; '- {runs[0].Curves[0].Reward}' is the difference at the largest n, paired by {(runs.Count == 1 ? "prompt" : "seed")}; 'proxy z' what the reward itself makes of its choice, in standard deviations of all answers.", BonTable.Of(runs));
            reports.Add(new BestOfNReport(table, BonTable.Curves(runs, _looks), $"{runs[0].Policy} answers {runs[0].Prompts} prompts {runs[0].Samples} times"));
        }
        return reports;
    }

    private IReadOnlyList<SensitivityReport> Sensitivities()
    {
        List<SensitivityReport> reports = [];
        foreach (var stage in _first.StagesOf("sensitivity"))
        {
            var runs = _runs.Where(run => run.Finished(stage, SensitivityResult.FileName) is not null).Select(run => SensitivityResult.Read(Path.Combine(run.Path, stage))).ToList();
            if (runs.Count == 0)
                continue;
            var table = new ReportTable(stage, "Sensitivity of rewards", $"{Of(runs.Count)}; in standard deviations of a reward's scores of {runs[0].Responses} responses; '- {runs[0].Rewards[0].Reward}' is paired by {(runs.Count == 1 ? "response" : "seed")}.", SensitivityTable.Of(runs));
            var spread = runs[0].Spreads.Count == 0 ? null : new ReportTable($"{stage}-spread", "Members of groups", $"{Of(runs.Count)}; 'any change' and accuracy of single members.", SensitivityTable.Spreads(runs));
            reports.Add(new SensitivityReport(table, SensitivityTable.Kinds(runs), SensitivityTable.Rows(runs, _looks), spread, SensitivityTable.SpreadRows(runs)));
        }
        return reports;
    }

    private static string Of(int seeds) => seeds == 1 ? "One seed, 95 % intervals over prompts" : $"Means of {seeds} seeds, 95 % intervals over seeds";

    private IReadOnlyList<MethodReport> Methods()
    {
        List<MethodReport> methods = [];
        IReadOnlyList<int>? chosen = null;
        foreach (var stage in _first.StagesOf("ppo"))
        {
            var curves = _runs.Select(run => run.Latest(stage, "curve.json")).OfType<string>().Select(file => _attempts.Try(file, () => ProxyGoldCurve.Read(file))).OfType<ProxyGoldCurve>().Where(curve => curve.Evaluations.Count > 0).ToList();
            if (curves.Count == 0)
                continue;
            IReadOnlyList<SampleReport> samples = [];
            if (_first.Latest(stage, "samples") is { } folder && _first.Latest(stage, "curve.json") is not null)
                samples = ReportedAnswers.Read(curves[0], folder, chosen ??= ReportedAnswers.Choose(curves[0], folder));
            methods.Add(new MethodReport(stage, _looks.Of(stage), curves, samples));
        }
        return methods;
    }

    private Tuple<string, string, IReadOnlyList<ReportTable>>? Verdict()
    {
        if (_first.Recipe?.Stages.OfType<VerdictStage>().FirstOrDefault() is not { } stage)
            return null;
        var runs = _runs.Where(run => stage.Curves.All(input => File.Exists(input.PathIn(run.Path)))).ToList();
        if (runs.Count == 0)
            return null;
        _verdicts = VerdictExecutor.JudgeRuns(stage, [.. runs.Select(run => run.Path)]);
        var seeds = runs.Count == 1 ? "one seed" : $"{runs.Count} seeds";
        List<ReportTable> tables =
        [
            new("verdict", "What became of gold under each method", $"Of {seeds}. The step of a peak is chosen on one half of the evaluation prompts and its gold read on the other; 'end - baseline' is paired by seed; KL in nats a response; "
                + "proxies in standard deviations of the starting policy's answers.", VerdictTable.Of(_verdicts)),
        ];
        if (runs.Count > 1)
            tables.Add(new("stop-rules", "Gold that stop rules would have kept", "Rules that see no gold; each threshold is chosen on the other seeds.", VerdictTable.StopRules(_verdicts)));
        var against = VerdictExecutor.NameOf(stage.Against);
        return new(HackingVerdict.WhoWasHacked(_verdicts, against), HackingVerdict.Comparison(_verdicts, against), tables);
    }

    private IReadOnlyList<AccuracyReport> Accuracies()
    {
        List<AccuracyReport> reports = [];
        foreach (var stage in _first.StagesOf("eval"))
        {
            var runs = _runs.Select(run => run.Finished(stage, "results.json")).OfType<string>().Select(AccuracyResult.ReadAll).ToList();
            if (runs.Count == 0)
                continue;
            var against = (_first.Recipe?.Stages.FirstOrDefault(s => s.Name == stage) as EvalStage)?.Against?.ToString() ?? runs[0][0].Model;
            var sets = runs[0].Select(result => result.Set).Distinct().ToList();
            var table = runs.Count == 1
                ? new ReportTable(stage, "Pairwise accuracy", $"With 95 % intervals, of one seed; * differs from {against} with an interval that excludes 0. Below stand answers that need no model.", AccuracyTable.Of(runs[0]))
                : new ReportTable(stage, "Pairwise accuracy", $"Mean of {runs.Count} seeds, and the difference to {against} with its 95 % interval, paired by seed; * excludes 0.", AccuracyOverSeeds.Table(AccuracyOverSeeds.Of(runs, against)));
            var rows = runs[0].Select(result => result.Model).Distinct().Select(model => new IntervalRow(model, _looks.Of(model).Ink, [.. sets.Select(set => Measure(runs, model, set))]) { Baseline = model == against });
            reports.Add(new AccuracyReport(table, sets, [.. rows]));
        }
        return reports;
    }

    private static Measured? Measure(IReadOnlyList<IReadOnlyList<AccuracyResult>> runs, string model, string set)
    {
        var results = runs.Select(run => run.FirstOrDefault(result => result.Model == model && result.Set == set)).OfType<AccuracyResult>().ToList();
        if (results.Count == 0)
            return null;
        var over = new OverSeeds([.. results.Select(result => result.Accuracy.Accuracy)]);
        var interval = over.Interval ?? results[0].Accuracy.Interval;
        return new(over.Mean, interval.Low, interval.High);
    }

    private IReadOnlyList<MergeReport> Merges() =>
    [
        .. from stage in _first.StagesOf("merge")
           where _first.Finished(stage, "merge.json") is not null
           let record = MergeRecord.Read(Path.Combine(_first.Path, stage))
           select new MergeReport(stage, record.Method, record.Coefficients, record.Start ?? (record.Method == "expected-gate" ? record.Coefficients : null), Remark(record)),
    ];

    private static string Remark(MergeRecord record) => record.L1FromStart is not { } moved ? "" : FormattableString.Invariant(
        $"learning moved the coefficients by {moved.Average():0.000} (L1, at most 2) from the expected gates, to {record.L1FromUniform.Average():0.000} from uniform; calibration loss {record.LossBefore:0.0000} before, {record.LossAfter:0.0000} after.");

    private TransferReport? Transfer()
    {
        if (_first.StagesOf("transfer").FirstOrDefault() is not { } stage)
            return null;
        var matrices = _runs.Where(run => run.Finished(stage, TransferMatrix.FileName) is not null).Select(run => TransferMatrix.Read(Path.Combine(run.Path, stage))).ToList();
        if (matrices.Count == 0)
            return null;
        var first = matrices[0];
        var mean = first.Z.Select((row, i) => (IReadOnlyList<double>)[.. row.Select((_, j) => matrices.Average(matrix => matrix.Z[i][j]))]);
        return new TransferReport(first.Policies, first.Rewards, [.. mean], matrices.Count);
    }
}
