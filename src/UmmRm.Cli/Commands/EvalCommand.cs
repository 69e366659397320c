using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm eval</c></summary>
internal sealed class EvalCommand : Verb
{
    private readonly RewardOptions _reward = new();
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "the preference pairs: a file, a folder, a hub id or a data set's name, such as hh-harmless:reward-test", required: true);
    private readonly Option<string> _columns = OptionOf.Text("--columns", "OURS=THEIRS,...", "the file's names of columns: chosen=answer_a,rejected=answer_b");
    private readonly Option<string> _badRows = OptionOf.Choice("--bad-rows", "rows with empty or identical sides, or prompts that differ: stop, or leave them out and count them", "error", "drop");
    private readonly Option<string> _against = OptionOf.Text("--against", "OTHER", "another reward, compared on the same pairs: difference with interval, McNemar's test");
    private readonly Option<string> _rewardBench = OptionOf.Text("--rewardbench", "FILE.json", "also writes RewardBench's files: FILE.json and FILE_all.jsonl");

    public EvalCommand()
        : base("eval", VerbGroup.Use, "how often a reward model prefers the chosen side",
            "Pairwise accuracy of a reward model or an ensemble on preference pairs: the share whose chosen side scores higher (a tie is wrong), with its 95 % interval, "
            + "beside the accuracy of simply preferring the longer answer. Where prompts repeat, the interval resamples prompts. Pairs with a side over the length limit are dropped and counted.")
    {
        foreach (var option in (Option[])[.. _reward.All, _data, _columns, _badRows, _against, _rewardBench])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("eval --model runs/umm/model --data test.jsonl.gz --against runs/dense/model", "is the one better than the other?"),
        new("eval --models runs/a/model runs/b/model --combine uwo --data test.jsonl.gz --json", "an ensemble, for a script"),
        new("eval --model runs/umm/model --data ./reward-bench:filtered --rewardbench results.json", "in RewardBench's own format"),
    ];

    public override int Run(Invocation invocation)
    {
        var data = Read(invocation);
        var reward = _reward.Open(invocation);
        var other = invocation.Value(_against) is { } path ? _reward.Open(invocation, path) : null;
        var rows = Fitting(data.Rows, [.. reward.Encoders, .. other?.Encoders ?? []], invocation);
        var scores = Score(reward, rows, "scoring", invocation);
        var against = other is null ? null : Score(other, rows, "scoring the other", invocation);
        var seed = invocation.Seed ?? 0;
        var accuracy = PairwiseAccuracy.Measure(scores, seed: seed) with { Against = against is null ? null : AccuracyComparison.Of(scores, against, seed) };
        if (invocation.Value(_rewardBench) is { } file)
            RewardBenchFiles.Write(file, _reward.Name(invocation), reward.Encoders is [var first, ..] ? first.Template : null, rows, scores);
        if (invocation.Json)
            invocation.Terminal.Result(Document(invocation, data.Report, accuracy, data.Rows.Count - rows.Count).ToJsonString(JsonSerializerOptions.Default) + "\n");
        else
            Show(invocation, accuracy, against is null ? null : PairwiseAccuracy.Measure(against, seed: seed));
        if (accuracy.BelowChance)
            invocation.Terminal.Warn(FormattableString.Invariant($"below chance: accuracy {accuracy.Accuracy:.000}, and its whole interval lies below one half; are chosen and rejected, or the template, as in training?"));
        return ExitCode.Done;
    }

    private DataSet<PreferenceRow> Read(Invocation invocation)
    {
        var options = new ReadOptions
        {
            Columns = ColumnNames.Of(invocation.Value(_columns)),
            BadRows = invocation.Value(_badRows) == "drop" ? BadRows.Drop : BadRows.Error,
        };
        var data = PreferenceData.ReadRows(invocation.Rows(invocation.Value(_data)!), options);
        foreach (var warning in data.Report.Warnings())
            invocation.Terminal.Warn(warning);
        return data;
    }

    /// <summary>The pairs whose sides fit every model's limit, so that all are measured on the same ones.</summary>
    private static IReadOnlyList<PreferenceRow> Fitting(IReadOnlyList<PreferenceRow> rows, IReadOnlyList<SequenceEncoder> encoders, Invocation invocation)
    {
        var fitting = rows;
        foreach (var encoder in encoders)
            fitting = [.. encoder.Encode([.. fitting.Select(row => row.Pair)]).Pairs.Select(pair => fitting[pair.Index])];
        if (fitting.Count == rows.Count)
            return rows;
        var limit = encoders.Min(encoder => encoder.MaxLength);
        if (fitting.Count == 0)
            throw new InvalidDataException($"none of the {rows.Count} pairs fits in {limit} tokens; raise --max-length up to the model's positions");
        invocation.Terminal.Warn($"{rows.Count - fitting.Count} of {rows.Count} pairs dropped: a side is longer than {limit} tokens");
        return fitting;
    }

    private static PairScores Score(LoadedReward reward, IReadOnlyList<PreferenceRow> rows, string what, Invocation invocation)
    {
        IReadOnlyList<PreferencePair> pairs = [.. rows.Select(row => row.Pair)];
        var sides = reward.Score(ScoreRequest.Sides(pairs), done => invocation.Terminal.Progress.Report(new ProgressReport(what, done, 2 * pairs.Count, "texts")), invocation.Stopping);
        return new PairScores(pairs, sides[..pairs.Count], sides[pairs.Count..]);
    }

    private JsonObject Document(Invocation invocation, DataReport report, PairwiseAccuracy accuracy, int tooLong)
    {
        var document = new JsonObject { ["model"] = _reward.Name(invocation), ["data"] = invocation.InWords(report.Source) };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(accuracy)!.AsObject())
            document[key] = value?.DeepClone();
        if (document["against"] is JsonObject against)
            against["model"] = invocation.Value(_against);
        var dropped = new JsonObject();
        foreach (var rows in report.Dropped)
            dropped[JsonNamingPolicy.SnakeCaseLower.ConvertName(rows.Reason.ToString())] = rows.Count;
        dropped["too_long"] = tooLong;
        document["dropped"] = dropped;
        return document;
    }

    private void Show(Invocation invocation, PairwiseAccuracy accuracy, PairwiseAccuracy? other)
    {
        const string Column = "accuracy [95 % interval]";
        var results = new List<AccuracyResult> { new(_reward.Name(invocation), Column, accuracy) };
        if (other is not null)
            results.Add(new(invocation.Value(_against)!, Column, other));
        invocation.Terminal.Result(AccuracyTable.Of(results).ToText());
        invocation.Terminal.Result(FormattableString.Invariant($"\nties: {accuracy.Ties}, mean margin: {accuracy.MeanMargin:g4}\n"));
        if (accuracy.Against is { } against)
        {
            var difference = TableCell.Share(against.Difference, against.DifferenceInterval).Text;
            invocation.Terminal.Result(FormattableString.Invariant($"against {invocation.Value(_against)}: difference {difference}, McNemar p = {against.McNemar.ExactP:g3} ({against.McNemar.OnlyFirst} right here only, {against.McNemar.OnlySecond} there only)\n"));
        }
    }
}
