using System.Globalization;
using UmmRm.Evaluation;
using UmmRm.Models;
using UmmRm.Recipes;
using UmmRm.Reports;
using static TorchSharp.torch;

namespace UmmRm.Diagnosis;

/// <summary>What a model's scores say: that it loads, still gives the scores that were recorded, gives a text one score in every company, and prefers what the data prefer.</summary>
internal static class ScoringChecks
{
    private const string Unscored = "the weights are damaged, or the training that made them ran away: fetch them again, or train anew with a lower learning rate";
    private const string Defect = "this is a defect of the program or of the processor's libraries: report it with what ummrm doctor says of this machine";
    private const int MostTexts = 6;
    private const int LongestText = 256;
    private const int MostPairs = 200;
    private const int FewestPairs = 20;
    private const double MostOperations = 1e13; // a minute or two on a small machine

    public static IReadOnlyList<Check<ScoringCase>> All { get; } =
    [
        new("loading", Loading, "take the config.json and the weights of one and the same checkpoint"),
        new("probes", Probes, Unscored),
        new("batch-parity", Batches, Unscored),
        new("padding-parity", PaddingSides, Unscored),
        new("label-order", LabelOrder, Unscored),
    ];

    private static Verdict Loading(ScoringCase scoring)
    {
        if (scoring.Reward is null)
        {
            return Verdict.Warning(
                $"not loaded: it takes about {ByteSize.Text(scoring.Needed)} in float32, and there is {ByteSize.Text(scoring.Memory)}; recorded scores, batches, padding sides and the order of labels are not looked at",
                "run doctor on a machine with more memory, or look at these with eval in precision bfloat16");
        }
        return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"loads, {ParameterCount.Of(scoring.Reading.Model.Config.Model, rewardHead: true).Total:N0} parameters in float32{(scoring.Reading.Model.HasHead ? "" : ", here with a new head")}"));
    }

    private static Verdict? Probes(ScoringCase scoring)
    {
        if (scoring.Reward is null || scoring.Reading.Model.Record is not { Probes.Count: > 0 } record)
            return null;
        var changed = RewardProbes.Changed(scoring.Reading.Model.Folder, scoring.Reward);
        return changed is not [var (probe, found), ..]
            ? Verdict.Ok($"all {record.Probes.Count} texts score as reward.json recorded them")
            : Verdict.Error(
                FormattableString.Invariant($"{changed.Count} of {record.Probes.Count} texts no longer score as reward.json recorded them: one was {probe.Score:G6} and is {found:G6}. The weights, config.json (rotary base, norm epsilon, ...) or the padding token were changed after training"),
                "copy the folder again from where it was trained; if the weights were changed on purpose, remove the probes from reward.json");
    }

    private static Verdict? Batches(ScoringCase scoring)
    {
        if (scoring.Reward is null || Texts(scoring) is not { Count: > 1 } texts)
            return null;
        var together = scoring.Score(texts);
        var alone = texts.SelectMany(text => scoring.Score([text]));
        return Parity(together, alone, $"{texts.Count} texts score alike alone and in one batch", "one text has another score alone than in a batch", Defect);
    }

    private static Verdict? PaddingSides(ScoringCase scoring)
    {
        if (scoring.Reward is null || scoring.Reading.Model.Config.Model.MeanPooling || Texts(scoring) is not { Count: > 1 } texts)
            return null;
        if (scoring.Reward.ReadsBeforeTrailing is { } skipped)
            texts = [.. texts.Select(text => text[..(Array.FindLastIndex(text, id => id != skipped) + 1)])];
        return Parity(scoring.Score(texts), LeftPadded(scoring, texts), $"{texts.Count} texts score alike with padding on the right and on the left", "a text has another score with padding on the other side", Defect);
    }

    internal static Verdict Parity(IReadOnlyList<double> scores, IEnumerable<double> others, string alike, string unlike, string remedy)
    {
        var worst = scores.Zip(others).MaxBy(pair => Difference(pair.First, pair.Second));
        var difference = Difference(worst.First, worst.Second);
        return difference <= RewardProbes.Tolerance
            ? Verdict.Ok(FormattableString.Invariant($"{alike} (to {difference:0.0e+0} of 1 + their size)"))
            : Verdict.Error(FormattableString.Invariant($"{unlike}: {worst.First:G6} and {worst.Second:G6}; accuracies and rewards would depend on how texts are put together"), remedy);
    }

    private static double Difference(double one, double other) => Math.Abs(one - other) / (1 + Math.Abs(one));

    /// <summary>A few short texts of unlike lengths.</summary>
    private static IReadOnlyList<int[]> Texts(ScoringCase scoring) =>
        DataCase.Spread([.. scoring.Reading.Texts.Select(text => text.Encoded.Ids).Where(ids => ids.Length is > 0 and <= LongestText && ids.Length <= scoring.Reading.Encoder.MaxLength && HaveRows(scoring, ids)).DistinctBy(ids => ids.Length).OrderBy(ids => ids.Length)], MostTexts);

    /// <summary>Whether all ids have a row in the embedding; where one has none, that was said before.</summary>
    private static bool HaveRows(ScoringCase scoring, int[] ids) => ids.Max() < scoring.Reading.Model.Config.Model.VocabSize;

    /// <summary>Scores of texts that stand at the right end of their rows.</summary>
    private static double[] LeftPadded(ScoringCase scoring, IReadOnlyList<int[]> texts)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        int rows = texts.Count, width = texts.Max(text => text.Length);
        var (ids, positions, allowed) = (new long[rows * width], new long[rows * width], new bool[rows * width * width]);
        Array.Fill(ids, scoring.Reading.Model.Folder.PadId);
        for (var row = 0; row < rows; row++)
        {
            var padding = width - texts[row].Length;
            for (var at = 0; at < width; at++)
            {
                if (at >= padding)
                    (ids[(row * width) + at], positions[(row * width) + at]) = (texts[row][at - padding], at - padding);
                for (var key = 0; key <= at; key++)
                    allowed[(((row * width) + at) * width) + key] = key >= padding || key == at; // padding sees itself: a row of nothing has no softmax
            }
        }
        var device = scoring.Model.Head.device;
        var input = new TokenInput(tensor(ids, [rows, width], device: device), tensor(positions, [rows, width], device: device), tensor(allowed, [rows, width, width], device: device));
        var ends = tensor(Enumerable.Repeat(width - 1L, rows).ToArray(), [rows, 1], device: device);
        return scoring.Model.Forward(input, ends).view(-1).to_type(ScalarType.Float64).cpu().data<double>().ToArray();
    }

    /// <summary>Whether the model prefers what the data call chosen.</summary>
    private static Verdict? LabelOrder(ScoringCase scoring)
    {
        var (reading, model) = (scoring.Reading, scoring.Reading.Model);
        if (scoring.Reward is null || !model.HasHead || reading.Data is not { Pairs: { Count: > 0 } all })
            return null;
        var rows = DataCase.Spread(all, MostPairs);
        var fitting = reading.Encoder.Encode(rows).Pairs.Where(pair => HaveRows(scoring, pair.Chosen) && HaveRows(scoring, pair.Rejected)).ToList();
        if (fitting.Count == 0)
            return null; // over-length has said so
        var cost = 4.0 * ParameterCount.Of(model.Config.Model, rewardHead: true).Total * fitting.Average(pair => pair.Chosen.Length + pair.Rejected.Length) / 2;
        var pairs = DataCase.Spread(fitting, (int)Math.Clamp(MostOperations / cost, 1, MostPairs));
        if (pairs.Count < Math.Min(FewestPairs, fitting.Count))
            return Verdict.Warning("whether it prefers what the data call chosen is not looked at: a model of this size takes long here", "ummrm eval measures its accuracy, with an alarm below one half");
        var scores = scoring.Score([.. pairs.Select(pair => pair.Chosen), .. pairs.Select(pair => pair.Rejected)], "scoring pairs");
        var accuracy = PairwiseAccuracy.Measure(new PairScores([.. pairs.Select(pair => rows[pair.Index])], scores[..pairs.Count], scores[pairs.Count..]));
        var detail = FormattableString.Invariant($"accuracy {TableCell.Share(accuracy.Accuracy, accuracy.Interval).Text} on {pairs.Count} of {all.Count:N0} pairs; that of 'the longer answer is better' is {TableCell.Share(accuracy.LengthBaseline).Text}");
        if (accuracy.BelowChance)
            return Verdict.Error($"{detail}. That is worse than a coin: chosen and rejected are exchanged, here or where the model was trained, or it reads texts by another template than it knows", "read a few rows; exchange the columns (--columns chosen=rejected,rejected=chosen), or name the template of its training");
        return accuracy.Interval.Low <= 0.5 && pairs.Count >= 50
            ? Verdict.Warning($"{detail}: no better than a coin, as a model that was not trained, or reads by another template, would be", "name the template of its training; or these pairs are about something else than it learned")
            : Verdict.Ok(detail);
    }
}
