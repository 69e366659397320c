using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Diagnosis;

/// <summary>Rows as far as it matters whether others are among them.</summary>
/// <param name="Name">What messages call them.</param>
/// <param name="Prompts">Every row's prompt.</param>
/// <param name="Pairs">The rows, where they are pairs.</param>
internal sealed record RowSet(string Name, IReadOnlyList<Conversation> Prompts, IReadOnlyList<PreferencePair> Pairs);

/// <summary>Rows that are trained on, and rows that are measured on.</summary>
/// <param name="Sets">Both; asked for when they are compared.</param>
internal sealed record LeakCase(Func<(RowSet Training, RowSet Evaluation)> Sets)
{
    public static IReadOnlyList<Check<LeakCase>> Checks { get; } = [new("leakage", Leakage, "hold out fewer rows than there are")];

    /// <summary>Two sources.</summary>
    public static LeakCase Between(DataCase training, DataCase evaluation) => new(() => (training.Rows(), evaluation.Rows()));

    /// <summary>The last rows of a source, which a training leaves out and measures on, and the others.</summary>
    public static LeakCase HeldOut(DataCase data, int count) => new(() => data.HoldOut(count));

    private static Verdict Leakage(LeakCase c)
    {
        var (training, evaluation) = c.Sets();
        var trained = training.Pairs.Select(Sides).ToHashSet();
        var same = evaluation.Pairs.Where(pair => trained.Contains(Sides(pair))).ToList();
        if (same is [var first, ..])
        {
            return Verdict.Error(
                $"{same.Count} of {evaluation.Pairs.Count} pairs of {evaluation.Name} are in {training.Name} too, the first of them {first.Origin}: accuracy there measures what was memorised",
                "remove them from one of the two, or slice the data so that the parts do not meet, as in train.jsonl:[0:9000] and train.jsonl:[9000:]");
        }
        return PromptOverlap.Between(training.Prompts, evaluation.Prompts).Warning is { } warning
            ? Verdict.Warning($"{evaluation.Name} and {training.Name}: {warning}", "split the data by prompt, so that no prompt is on both sides")
            : Verdict.Ok($"no prompt of {evaluation.Name} is in {training.Name}");
    }

    /// <summary>A pair, whichever way round it is preferred.</summary>
    private static (string Prompt, string One, string Other) Sides(PreferencePair pair) =>
        string.CompareOrdinal(pair.Chosen, pair.Rejected) < 0 ? (pair.PromptKey, pair.Chosen, pair.Rejected) : (pair.PromptKey, pair.Rejected, pair.Chosen);
}
