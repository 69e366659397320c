using UmmRm.Data;

namespace UmmRm.Diagnosis;

/// <summary>Rows that are trained on, and rows that are measured on.</summary>
/// <param name="Training">Trained on.</param>
/// <param name="Evaluation">Measured on.</param>
internal sealed record LeakCase(DataCase Training, DataCase Evaluation)
{
    public static IReadOnlyList<Check<LeakCase>> Checks { get; } = [new("leakage", Leakage)];

    private static Verdict Leakage(LeakCase sets)
    {
        var overlap = PromptOverlap.Between(sets.Training.Prompts, sets.Evaluation.Prompts);
        var trained = sets.Training.Pairs.Select(Sides).ToHashSet();
        var same = sets.Evaluation.Pairs.Where(pair => trained.Contains(Sides(pair))).ToList();
        if (same is [var first, ..])
        {
            return Verdict.Error(
                $"{same.Count} of {sets.Evaluation.Pairs.Count} pairs of {sets.Evaluation.Source} are in {sets.Training.Source} too, the first of them {first.Origin}: accuracy there measures what was memorised",
                "remove them from one of the two, or slice the data so that the parts do not meet, as in train.jsonl:[0:9000] and train.jsonl:[9000:]");
        }
        return overlap.Warning is { } warning
            ? Verdict.Warning($"{sets.Evaluation.Source}: {warning}", "split the data by prompt, so that no prompt is on both sides")
            : Verdict.Ok($"no prompt of {sets.Evaluation.Source} is in {sets.Training.Source}");
    }

    /// <summary>A pair, whichever way round it is preferred.</summary>
    private static (string Prompt, string One, string Other) Sides(PreferencePair pair) =>
        string.CompareOrdinal(pair.Chosen, pair.Rejected) < 0 ? (pair.PromptKey, pair.Chosen, pair.Rejected) : (pair.PromptKey, pair.Rejected, pair.Chosen);
}
