using System.CommandLine;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary>A verb that is one stage of a recipe: its options are the stage's keys, and <c>--set KEY=VALUE</c> reaches every one of them.</summary>
internal abstract class StageVerb : Verb
{
    private readonly string _kind;
    private readonly Option<string[]> _set = OptionOf.Many("--set", "KEY=VALUE", "sets one of the stage's keys, such as epochs=1; as often as needed; --set help lists them all");

    protected StageVerb(string kind, VerbGroup group, string summary, string description)
        : base(kind, group, summary, description)
    {
        _kind = kind;
        Add(_set);
    }

    /// <summary>The stage's keys as this verb's own options give them: <c>model=./sft</c>, ...</summary>
    protected abstract IEnumerable<string> Settings(Invocation invocation);

    /// <summary>Runs the stage and says what came of it.</summary>
    protected abstract int Execute(Invocation invocation, Func<string, string, RunRecord> run);

    public override int Run(Invocation invocation)
    {
        var sets = invocation.Value(_set)!;
        if (sets.Contains("help"))
        {
            invocation.Terminal.Result(Help());
            return ExitCode.Done;
        }
        return Execute(invocation, (stage, folder) => RecipeRunner.Run(Recipe(invocation, folder, [.. Before(invocation), new(_kind, stage, [.. Settings(invocation), .. sets])]), folder, invocation));
    }

    private Recipe Recipe(Invocation invocation, string folder, IReadOnlyList<StageOptions> stages)
    {
        var recipe = Bound(invocation, stages);
        Pipeline.RequireInputs(recipe, apartFrom: path => StandardInput.IsMeantBy(Path.GetFileName(path)));
        StandardInput.RequireOne(stages.SelectMany(stage => stage.Sets).Select(Source));
        return stages.SelectMany(stage => stage.Sets).Any(IsStandardInput) ? Bound(invocation, [.. stages.Select(stage => stage with { Sets = [.. stage.Sets.Select(Kept)] })]) : recipe;

        static string? Source(string set) => set.Split('=', 2) is [var key, var source] && key.EndsWith(".path", StringComparison.Ordinal) ? source : null;
        static bool IsStandardInput(string set) => Source(set) is { } source && StandardInput.IsMeantBy(source);
        string Kept(string set) => IsStandardInput(set) ? $"{set[..^Source(set)!.Length]}{invocation.Keep(Source(set)!, folder)}" : set;
    }

    private Recipe Bound(Invocation invocation, IEnumerable<StageOptions> stages)
    {
        try
        {
            return RecipeFile.OfStages(_kind, stages, invocation.Seed ?? 0);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{e.Message} ({CommandLine.Name(this)} --set help lists all keys)");
        }
    }

    /// <summary>Stages that make what the verb's own reads, such as an ensemble.</summary>
    protected virtual IEnumerable<StageOptions> Before(Invocation invocation) => [];

    /// <summary>A required option's value.</summary>
    /// <exception cref="UsageException">It was not given; asked for here and not by the parser, so that <c>--set help</c> needs no other option.</exception>
    protected string Needed(Invocation invocation, Option<string> option) =>
        invocation.Value(option) ?? throw new UsageException($"{option.Name} is missing. Try: {CommandLine.Name(this)} --help");

    /// <summary>Keys for a data option: where the rows lie, and their columns' names.</summary>
    protected static IEnumerable<string> Data(string key, string? path, string? columns)
    {
        if (path is not null)
            yield return $"{key}.path={path}";
        foreach (var (ours, theirs) in ColumnNames.Of(columns))
            yield return $"{key}.columns.{ours}={theirs}";
    }

    private string Help()
    {
        var table = new ResultTable(new TableColumn("key"), new TableColumn("value"), new TableColumn("default"), new TableColumn("range"), new TableColumn("meaning"));
        foreach (var setting in StageKind.Find(_kind)!.Settings)
            table.Add(setting.Name, setting.Unit.Length > 0 ? $"{setting.Type}, {setting.Unit}" : setting.Type, setting.Default, setting.Range, setting.Meaning);
        return table.ToText();
    }
}
