using UmmRm.Evaluation;

namespace UmmRm.Recipes;

/// <summary>What runs of one recipe that differ in their seed show together.</summary>
/// <param name="Accuracy">Accuracies of each eval stage, by its name.</param>
/// <param name="Verdicts">Verdicts of each verdict stage, by its name.</param>
public sealed record SeedComparison(IReadOnlyDictionary<string, IReadOnlyList<AccuracyOverSeeds>> Accuracy, IReadOnlyDictionary<string, IReadOnlyList<HackingVerdict>> Verdicts)
{
    /// <summary>Reads finished run folders.</summary>
    /// <param name="recipe">The recipe of one of them.</param>
    /// <param name="runs">The run folders.</param>
    /// <exception cref="FileNotFoundException">A result is missing: the run has not come so far.</exception>
    public static SeedComparison Of(Recipe recipe, IReadOnlyList<string> runs) => new(
        recipe.Stages.OfType<EvalStage>().ToDictionary(stage => stage.Name, stage => Accuracies(stage, runs)),
        recipe.Stages.OfType<VerdictStage>().ToDictionary(stage => stage.Name, stage => VerdictExecutor.JudgeRuns(stage, runs)));

    /// <summary>What was found, stage by stage.</summary>
    /// <param name="recipe">The runs' recipe.</param>
    public string InWords(Recipe recipe) => string.Join('\n',
    [
        .. Accuracy.Select(entry => $"{entry.Key}: {AccuracyOverSeeds.Verdict(entry.Value, AgainstOf((EvalStage)recipe[entry.Key]))}"),
        .. Verdicts.Select(entry => $"{entry.Key}: {HackingVerdict.InWords(entry.Value, VerdictExecutor.NameOf(((VerdictStage)recipe[entry.Key]).Against))}"),
    ]);

    private static IReadOnlyList<AccuracyOverSeeds> Accuracies(EvalStage stage, IReadOnlyList<string> runs) =>
        AccuracyOverSeeds.Of([.. runs.Select(run => AccuracyResult.ReadAll(Path.Combine(run, stage.Name, stage.Products[0].Path)))], AgainstOf(stage));

    private static string AgainstOf(EvalStage stage) => (stage.Against ?? stage.Models[0]).ToString();
}
