using System.Globalization;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Diagnosis;

/// <summary>What rows say of themselves, before any model reads them.</summary>
internal static class DataChecks
{
    private const double MuchRepeated = 0.01;
    private const double MostlyLonger = 0.6;

    public static IReadOnlyList<Check<DataCase>> All { get; } =
    [
        new("rows", Rows, "name a file, a folder or a data set that can be read; where its columns have other names, map them: --columns chosen=answer_a,rejected=answer_b,prompt=question"),
        new("duplicates", Duplicates),
        new("contradictions", Contradictions),
        new("labels", Labels),
        new("length", Length),
    ];

    private static Verdict Rows(DataCase data)
    {
        var report = data.Report;
        var what = data.Kind switch { RowKind.Pairs => "preference pairs", RowKind.Instructions => "prompts with responses", _ => "prompts" };
        var read = string.Create(CultureInfo.InvariantCulture, $"{report.Kept:N0} {what} ({report.Layout}) of {report.RowsRead:N0} rows");
        if (report.Dropped.Count == 0)
            return Verdict.Ok(read);
        var dropped = string.Join("; ", report.Dropped.Select(rows => string.Create(CultureInfo.InvariantCulture, $"{rows.Count:N0} {Meaning(rows.Reason)} ({string.Join(", ", rows.First.Take(3))}{(rows.Count > 3 ? ", ..." : "")})")));
        if (report.Dropped.All(rows => rows.Reason == BadRowReason.Tie))
            return Verdict.Ok($"{read}; left out: {dropped}");
        return data.BadRows == BadRows.Drop
            ? Verdict.Warning($"{read}; left out, as bad_rows: drop says: {dropped}", "look at one of each kind: rows that lie often mean that columns or turns were read wrongly")
            : Verdict.Error($"{read}; the others cannot be trained on: {dropped}. Training stops at the first of them", "correct them, or leave them out and have them counted with --set bad_rows=drop");
    }

    private static string Meaning(BadRowReason reason) => reason switch
    {
        BadRowReason.IdenticalSides => "with two equal sides",
        BadRowReason.EmptyResponse => "with an empty response",
        BadRowReason.EmptyPrompt => "with an empty prompt",
        BadRowReason.PromptDiffers => "whose sides answer different prompts",
        BadRowReason.MissingColumn => "without a column that the others have",
        BadRowReason.NullValue => "with a null",
        BadRowReason.WrongType => "with a value of the wrong type",
        BadRowReason.WrongValue => "with a value that makes no sense",
        _ => "rated equal",
    };

    private static Verdict? Duplicates(DataCase data)
    {
        if (data.Kind == RowKind.Prompts)
            return null;
        var (repeated, kept) = (data.Report.Duplicates, data.Report.Kept);
        if (repeated == 0)
            return Verdict.Ok("no row repeats another");
        var detail = string.Create(CultureInfo.InvariantCulture, $"{repeated:N0} of {kept:N0} rows ({(double)repeated / kept:P1}) repeat an earlier row");
        return repeated <= MuchRepeated * kept ? Verdict.Ok(detail) : Verdict.Warning(
            $"{detail}: they count several times in training, and on both sides of a random split they are a leak",
            "remove repeated rows before the data are split");
    }

    /// <summary>The same two answers to the same prompt, once preferred this way and once the other.</summary>
    private static Verdict? Contradictions(DataCase data)
    {
        if (data.Kind != RowKind.Pairs)
            return null;
        var first = new Dictionary<(string, string, string), string>();
        var found = new List<(string Row, string Other)>();
        foreach (var pair in data.Pairs)
        {
            first.TryAdd((pair.PromptKey, pair.Chosen, pair.Rejected), pair.Origin);
            if (first.TryGetValue((pair.PromptKey, pair.Rejected, pair.Chosen), out var other))
                found.Add((pair.Origin, other));
        }
        return found is not [var example, ..]
            ? Verdict.Ok("no two rows prefer the same two answers the other way round")
            : Verdict.Warning($"{found.Count} rows prefer what an earlier row rejects, with the same prompt and answers ({example.Row} against {example.Other}): at most one of each two is right, and accuracy on them is one half whatever is learned", "keep what the majority says, or drop both");
    }

    /// <summary>A margin or two scores that say the opposite of chosen and rejected.</summary>
    private static Verdict? Labels(DataCase data)
    {
        var rated = data.Pairs.Where(pair => pair.Margin is not null and not 0).ToList();
        if (rated.Count == 0)
            return null;
        var against = rated.Where(pair => pair.Margin < 0).ToList();
        if (against is not [var first, ..])
            return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"margins or scores agree with chosen and rejected in all {rated.Count:N0} rows that have them"));
        var share = (double)against.Count / rated.Count;
        var detail = string.Create(CultureInfo.InvariantCulture, $"{against.Count:N0} of {rated.Count:N0} rows ({share:P1}) have a negative margin, or rate the rejected side higher, the first of them {first.Origin}");
        return share > 0.5
            ? Verdict.Error($"{detail}: chosen and rejected are exchanged, and a model trained on them learns to prefer the worse answer", "exchange the columns: --columns chosen=rejected,rejected=chosen")
            : Verdict.Warning($"{detail}: there the two columns contradict each other", "find out which column is right; margin: data in a recipe would train against chosen in these rows");
    }

    private static Verdict? Length(DataCase data)
    {
        if (data.Pairs.Count == 0)
            return null;
        var outcomes = data.Pairs.Select(pair => PairwiseAccuracy.Outcome(pair.Chosen.Length, pair.Rejected.Length)).ToList();
        var longer = Proportion.Of(outcomes, [.. data.Pairs.Select(pair => pair.PromptKey)]);
        var detail = $"the longer answer is the chosen one in {TableCell.Share(longer.Value, longer.Interval).Text} of the pairs";
        if (longer.Interval.High < 1 - MostlyLonger)
            return Verdict.Warning($"{detail}: people and judges mostly prefer longer answers; the columns may be exchanged", "read a few rows; if chosen is the worse one: --columns chosen=rejected,rejected=chosen");
        return longer.Interval.Low > MostlyLonger
            ? Verdict.Warning($"{detail}: a model that learns nothing but length is right as often, and a policy trained against it writes ever longer", "compare accuracy with the length baseline (eval shows both), and validate on pairs of like length too")
            : Verdict.Ok($"{detail}: length alone says little");
    }
}
