using System.Globalization;
using System.Text.RegularExpressions;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Reads run folders for a report: one run, or a sweep's runs with their seeds and their places in the grid. A run that is at work or was stopped gives what it has.</summary>
public sealed partial class RunReading
{
    private readonly string _folder;
    private readonly IReadOnlyList<(string Point, IReadOnlyList<RunFolder> Runs)> _points;

    private readonly IReadOnlyList<string> _unread;

    private RunReading(string folder, IReadOnlyList<(string Point, IReadOnlyList<RunFolder> Runs)> points, IReadOnlyList<string>? unread = null) => (_folder, _points, _unread) = (folder, points, unread ?? []);

    /// <summary>Opens a run folder or a sweep's.</summary>
    /// <exception cref="FileNotFoundException">It is neither.</exception>
    /// <exception cref="InvalidDataException">The run.json of the run, or of every run of a sweep, is damaged; that of one among others costs this run alone, and the report says so.</exception>
    public static RunReading Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new FileNotFoundException($"there is no folder {folder}; name a run's folder or a sweep's", folder);
        if (RunFolder.IsOne(folder))
            return new(folder, [("", [RunFolder.Open(folder)])]);
        List<(string, IReadOnlyList<RunFolder>)> points = [];
        var attempts = new Attempts();
        foreach (var place in (string[])[folder, .. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)])
        {
            if (Directory.EnumerateDirectories(place, "seed-*").Where(RunFolder.IsOne).OrderBy(SeedOf).Select(run => attempts.Try(run, () => RunFolder.Open(run))).OfType<RunFolder>().ToList() is { Count: > 0 } runs)
                points.Add((place == folder ? "" : Path.GetFileName(place), runs));
        }
        if (points.Count == 0 && attempts.Troubles is [var trouble, ..])
            throw new InvalidDataException(trouble);
        return points.Count > 0 ? new(folder, points, attempts.Troubles) : new(folder, [("", [RunFolder.Open(folder)])]); // which says what is missing
    }

    /// <summary>When anything that the report reads was last written.</summary>
    public DateTime LastWritten() => Runs.Max(run => run.LastWritten());

    /// <summary>Whether a process works on it: on the run, or on any of a sweep.</summary>
    public bool IsAtWork => RunLock.IsHeld(_folder) || Runs.Any(run => RunLock.IsHeld(run.Path));

    /// <summary>What a report shows.</summary>
    public RunReport Read()
    {
        var first = _points[0].Runs[0];
        var attempts = new Attempts();
        var points = _points.Select(point => PointReading.Read(point.Point, point.Runs, attempts)).ToList();
        var done = Runs.Sum(run => run.Record.Stages.Values.Count(stage => stage.Status is RunStatus.Done or RunStatus.Skipped));
        var settings = new MethodSweep([.. points.Zip(_points, (point, runs) => (runs.Runs[0].Recipe, point.Report, point.Verdicts))]);
        return new RunReport
        {
            Title = first.Record.Recipe,
            Description = DescriptionOf(first),
            Folder = _folder,
            Status = Status(done),
            Running = IsAtWork,
            Facts = Facts(first),
            Points = points.ConvertAll(point => point.Report),
            Settings = attempts.Try("k, alpha and merging", settings.Settings) ?? [],
            Grid = GridOf(points.ConvertAll(point => (point.Report.Name, point.Verdicts))),
            Costs = attempts.Try("costs", () => CostTable.Of(first)),
            Recipe = first.RecipeText,
            Troubles = [.. _unread, .. Runs.Select(run => run.Trouble).OfType<string>().Distinct(), .. attempts.Troubles],
        };
    }

    /// <summary>The runs, one a seed.</summary>
    /// <exception cref="ArgumentException">There are several places of a grid.</exception>
    internal IReadOnlyList<RunFolder> SeedsAtOnePlace() => _points.Count == 1
        ? _points[0].Runs
        : throw new ArgumentException($"{_folder} holds {_points.Count} places of a grid; name one of them, such as {Path.Combine(_folder, _points[0].Point)}");

    private IEnumerable<RunFolder> Runs => _points.SelectMany(point => point.Runs);

    private static string DescriptionOf(RunFolder run) => run.Recipe?.Description ?? "";

    private static long SeedOf(string folder) => long.TryParse(Path.GetFileName(folder)["seed-".Length..], CultureInfo.InvariantCulture, out var seed) ? seed : long.MaxValue;

    private string Status(int done)
    {
        var all = Runs.Sum(run => run.Record.Stages.Count);
        if (Runs.FirstOrDefault(run => run.Record.Status == RunStatus.Failed) is { } failed)
            return $"failed: {failed.Record.Error}";
        return IsAtWork ? $"running, {done} of {all} stages done" : Runs.All(run => run.Record.Status == RunStatus.Done) ? "done" : $"stopped, {done} of {all} stages done";
    }

    private List<KeyValuePair<string, string>> Facts(RunFolder first)
    {
        var seeds = _points[0].Runs.Select(run => run.Record.Seed).ToList();
        List<KeyValuePair<string, string>> facts = [new(seeds.Count == 1 ? "seed" : $"{seeds.Count} seeds", string.Join(", ", seeds))];
        if (_points.Count > 1)
            facts.Add(new("places of the grid", string.Join("; ", _points.Select(point => point.Point))));
        facts.Add(new("begun", Runs.Min(run => run.Record.Started).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)));
        if (Runs.All(run => run.Record.Finished is not null))
            facts.Add(new("took", Duration(Runs.Sum(run => run.Record.Stages.Values.Sum(stage => stage.Seconds ?? 0)))));
        facts.AddRange(first.Record.Versions.Where(version => version.Value.Length > 0).Select(version => KeyValuePair.Create(version.Key, ShortHash().Replace(version.Value, "$1"))));
        return facts;
    }

    private static string Duration(double seconds) => seconds < 120 ? FormattableString.Invariant($"{seconds:0} s of stages") : FormattableString.Invariant($"{seconds / 60:0.0} min of stages");

    private static ReportTable? GridOf(List<(string Name, IReadOnlyList<HackingVerdict> Verdicts)> points)
    {
        if (points.Count < 2 || points.All(point => point.Verdicts.Count == 0))
            return null;
        static TableColumn Number(string title) => new(title, RightAligned: true);
        var table = new ResultTable([new TableColumn("method"), new TableColumn("at"), Number("gold start"), Number("peak"), Number("end"), Number("KL end")]);
        foreach (var (method, rows) in points.SelectMany(point => point.Verdicts.Select(verdict => (point.Name, Verdict: verdict))).GroupBy(row => row.Verdict.Method).Select(rows => (rows.Key, rows)))
        {
            foreach (var (place, verdict) in rows)
                table.Add(method, place, VerdictTable.WithInterval(verdict.GoldStart), VerdictTable.WithInterval(verdict.GoldPeak), VerdictTable.WithInterval(verdict.GoldEnd), VerdictTable.WithInterval(verdict.EndKl));
        }
        return new ReportTable("grid", "Every method at every place of the grid", "Means over seeds; 95 % intervals where there are several.", table);
    }

    /// <summary>A commit's whole name after a version: its first seven digits say as much.</summary>
    [GeneratedRegex(@"(\+[0-9a-f]{7})[0-9a-f]{33}$")]
    private static partial Regex ShortHash();
}
