using System.Globalization;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Runtime;

namespace UmmRm.Diagnosis;

/// <summary>Whether a recipe as a whole fits this machine and itself.</summary>
internal static class RecipeChecks
{
    private const int Narrow = 64;

    public static IReadOnlyList<Check<RecipeCase>> All { get; } =
    [
        new("memory", Memory, "correct the config.json of the model that it names"),
        new("precision", Precisions),
        new("templates", Templates),
    ];

    /// <summary>A recipe that could be read.</summary>
    public static Verdict Stages(Recipe recipe) => Verdict.Ok($"{recipe.Name}: {recipe.Stages.Count} stages, every key known and every reference to a stage right; seed {recipe.Seed}");

    private static Verdict? Memory(RecipeCase c)
    {
        var estimate = MemoryEstimate.Of(c.Recipe);
        var unknown = estimate.Stages.Where(stage => stage.Unknown is not null).ToList();
        var largest = estimate.Largest;
        if (largest.Bytes > c.Memory)
        {
            return Verdict.Error(
                $"stages.{largest.Stage} needs about {largest}, and there is {ByteSize.Text(c.Memory)}: the run would be refused, or end without a word where the system kills it",
                "lower its token_budget or max_length, choose precision: bfloat16 or a smaller model");
        }
        var known = largest.Bytes == 0 ? "" : $"at most about {largest} in stages.{largest.Stage}, of {ByteSize.Text(c.Memory)} here";
        return unknown is [var first, ..]
            ? Verdict.Ok($"{(known.Length > 0 ? $"{known}; " : "")}not known yet for {unknown.Count} stages ({first.Stage}: {first.Unknown})")
            : Verdict.Ok(known.Length > 0 ? known : "no stage needs much");
    }

    /// <summary>bfloat16 products pay where the processor has them, and cost where it has not.</summary>
    private static Verdict? Precisions(RecipeCase c)
    {
        var halves = c.Recipe.Stages.OfType<OptimizedStage>().Where(stage => stage.Precision != Precision.Float32).ToList();
        if (halves.Count == 0 || ComputeDevice.IsCuda)
            return null;
        var (speeds, models) = (c.Speeds(), new RecipeModels(c.Recipe, name => name));
        var names = Names(halves);
        if (halves.Where(stage => Width(stage, models) <= Narrow).ToList() is { Count: > 0 } narrow)
            return Verdict.Warning($"{narrow.Count} stages train models of hidden size {Width(narrow[0], models)} with bfloat16 products ({Names(narrow)}): matrices this small gain nothing by them anywhere, and converting costs time", "precision: float32 in these stages");
        var ratio = speeds.BFloat16 / speeds.Float32;
        var detail = string.Create(CultureInfo.InvariantCulture, $"{halves.Count} stages train with bfloat16 products ({names}), which this machine makes {ratio:0.0} times as fast as float32 ones");
        return ratio >= 1.1
            ? Verdict.Ok(detail)
            : Verdict.Warning($"{detail}: small models lose by it (the conversions come on top), large ones gain memory at best", "precision: float32 in these stages on this machine, unless memory is short");
    }

    private static string Names(List<OptimizedStage> stages) => string.Join(", ", stages.Take(4).Select(stage => stage.Name)) + (stages.Count > 4 ? ", ..." : "");

    private static int Width(OptimizedStage stage, RecipeModels models)
    {
        try
        {
            return models.Made(stage.Name).Config.HiddenSize;
        }
        catch (UnknownModelException)
        {
            return int.MaxValue; // other people's models are wide
        }
    }

    /// <summary>A reward stage that reads texts in another form than the stage that made its model.</summary>
    private static Verdict? Templates(RecipeCase c)
    {
        var (pairs, unlike) = (0, new List<string>());
        foreach (var stage in c.Recipe.Stages.OfType<TextStage>())
        {
            if (RecipeCase.ModelOf(stage) is not { IsStage: true } model || c.Recipe[model.Target] is not TextStage earlier)
                continue;
            pairs++;
            var (own, other) = (Name(c.Template(stage)), Name(c.Template(earlier)));
            if (own != other)
                unlike.Add($"stages.{stage.Name} reads by {own}, stages.{earlier.Name}, which made its model, by {other}");
        }
        if (pairs == 0)
            return null;
        return unlike is [var first, ..]
            ? Verdict.Warning($"{first}{(unlike.Count > 1 ? $" (and {unlike.Count - 1} more such stages)" : "")}: a model fine-tuned on one form of text starts anew on another, and a language model's folder records no plain template that the next stage could follow", "give both stages one template: once under settings, taken over with <<: *text")
            : Verdict.Ok("every stage reads texts by the template of the stage that made its model");

        static string Name(InputReference? template) => template is null ? "what the folder records (raw where it records nothing)" : template.ToString();
    }
}
