using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Runtime;

namespace UmmRm.Diagnosis;

/// <summary>
/// Looks for what would stop a training or, worse, go wrong without a word: at a machine, a model, rows, a recipe, and at how they meet. It reads everything with the code that training and
/// scoring use, so that it sees what they would see. Nothing is written.
/// </summary>
/// <param name="explain">What an exception says to a person.</param>
/// <param name="progress">Told which check is at work.</param>
/// <param name="cancellation">Stops between checks.</param>
public sealed class Doctor(Func<Exception, string> explain, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
{
    private const double UsableMemory = 0.8;
    private const string Meeting = "training and evaluation";

    private readonly Examination _examination = new(explain, progress, cancellation);

    /// <summary>This machine: libtorch, processor, threads, products, memory, graphics card.</summary>
    public IReadOnlyList<Finding> Machine() => _examination.Of("machine", MachineCase.Here(), MachineChecks.All);

    /// <summary>A model's folder, and how it reads texts.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="template">A template's name or file; null for the one that the folder records.</param>
    /// <param name="maxLength">Most tokens of a text; null for the limit that the folder records.</param>
    public IReadOnlyList<Finding> Model(string path, string? template = null, int? maxLength = null)
    {
        using var model = new ModelCase(path);
        var (name, reading) = (Name("model", path), new ReadingCase(model, folder => folder.Encoder(template, maxLength), named: template is not null));
        return [.. _examination.Of(name, model, [.. ModelChecks.All, ModelChecks.Padding]), .. _examination.Of(name, reading, ReadingChecks.All), .. Scores(name, reading)];
    }

    /// <summary>Rows of any kind, and rows to measure on.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="evaluation">Rows of which none should be among them, or null.</param>
    /// <param name="options">How they are read.</param>
    public IReadOnlyList<Finding> Data(DataSource source, DataSource? evaluation = null, ReadOptions? options = null)
    {
        var sets = new[] { source, evaluation }.OfType<DataSource>().Select(rows => new DataCase(rows, options ?? new())).ToList();
        var findings = sets.SelectMany(data => _examination.Of(Name("data", data.Source.ToString()), data, DataChecks.All)).ToList();
        return sets is [var training, var measured] ? [.. findings, .. _examination.Of(Meeting, LeakCase.Between(training, measured), LeakCase.Checks)] : findings;
    }

    /// <summary>A recipe's file, and all models and rows that it reads from outside, as far as they lie here; what comes from the hub is not fetched.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sets">Changes, <c>a.b=c</c> each.</param>
    /// <param name="recipe">The recipe; null where it cannot be read, which is then among the findings.</param>
    public IReadOnlyList<Finding> Recipe(string path, IEnumerable<string> sets, out Recipe? recipe)
    {
        Recipe? read = null;
        var findings = _examination.Of($"recipe {path}", path, [new Check<string>("recipe", file => RecipeChecks.Stages(read = RecipeFile.Load(file, sets)), "recipes/keys.md lists every kind of stage and its keys; --set data.NAME=... fills what the recipe leaves open")]);
        recipe = read;
        if (read is null)
            return findings;
        var whole = new RecipeCase(read, Speeds, ComputeDevice.Memory);
        return [.. findings, .. _examination.Of($"recipe {path}", whole, RecipeChecks.All), .. Parts(whole)];
    }

    /// <summary>One training: a model on rows, and perhaps rows to measure on.</summary>
    /// <param name="stage">The training.</param>
    /// <param name="evaluation">What is measured afterwards, or null.</param>
    /// <param name="outside">Fetches rows that lie on the hub.</param>
    public IReadOnlyList<Finding> Training(RewardStage stage, EvalStage? evaluation = null, OutsideInputs? outside = null) =>
        Parts(new RecipeCase(new Recipe(stage.Name, "", 0, [stage, .. evaluation is null ? Array.Empty<Stage>() : [evaluation]]), Speeds, ComputeDevice.Memory, outside));

    private static MatmulSpeeds Speeds() => MatmulSpeeds.Of(MatmulSpeeds.DefaultFile);

    private List<Finding> Parts(RecipeCase recipe)
    {
        using var parts = new RecipeParts(recipe);
        var findings = new List<Finding>();
        foreach (var model in parts.Models)
            findings.AddRange(_examination.Of(Name("model", model.Path), model, ModelChecks.All));
        foreach (var data in parts.Data)
            findings.AddRange(_examination.Of(Name("data", data.Source.ToString()), data, DataChecks.All));
        findings.AddRange(Merged(recipe.Recipe.Stages.SelectMany(stage => _examination.Of($"stages.{stage.Name}", new StageCase(recipe, stage, parts.RootOf(stage)), StageChecks.All)), finding => true));
        foreach (var (stage, name, reading) in parts.Prompts)
            findings.AddRange(_examination.Of(name, new PromptCase(stage, reading), PromptCase.Checks));
        foreach (var (name, reading) in parts.Readings)
            findings.AddRange(_examination.Of(name, reading, ReadingChecks.All));
        foreach (var reading in parts.Scorings)
            findings.AddRange(Scores(Name("model", reading.Model.Path), reading));
        foreach (var leak in parts.Leaks())
            findings.AddRange(_examination.Of(Meeting, leak, LeakCase.Checks));
        return Merged(findings, finding => finding.Severity != Severity.Ok);
    }

    /// <summary>What is found in several places alike is said once, with the first place and how many more there are.</summary>
    /// <param name="findings">Findings.</param>
    /// <param name="anywhere">Those that are alike wherever they were found; others only where they are of one subject.</param>
    private static List<Finding> Merged(IEnumerable<Finding> findings, Func<Finding, bool> anywhere) =>
        [.. findings.GroupBy(finding => (anywhere(finding) ? "" : finding.Subject, finding.Check, finding.Detail))
            .Select(alike => alike.First() is var first && alike.Select(finding => finding.Subject).Distinct().Count() - 1 is var more and > 0 ? first with { Subject = $"{first.Subject} and {more} more" } : first)];

    private IReadOnlyList<Finding> Scores(string subject, ReadingCase reading)
    {
        using var scoring = new ScoringCase(reading, _examination, (long)(UsableMemory * ComputeDevice.Memory));
        return _examination.Of(subject, scoring, ScoringChecks.All);
    }

    /// <summary>A thing and its path, as short as it can be written from here.</summary>
    internal static string Name(string kind, string path)
    {
        var here = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return $"{kind} {(Path.IsPathRooted(path) && !here.StartsWith("..", StringComparison.Ordinal) ? here : path)}";
    }
}
