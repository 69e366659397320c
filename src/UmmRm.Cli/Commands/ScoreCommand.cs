using System.CommandLine;
using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm score</c></summary>
internal sealed class ScoreCommand : Verb
{
    private const int RowsAChunk = 1000;

    private readonly RewardOptions _reward = new();
    private readonly Option<string> _input = OptionOf.Text("--input", "FILE", "the rows (default: stdin)");
    private readonly Option<string> _output = OptionOf.Text("--output", "FILE", "where the rows go with their scores (default: stdout)");
    private readonly Option<string> _reference = OptionOf.Text("--record-reference", "POLICY", "writes mean and standard deviation of these scores into the model's reward.json, as those of answers by this policy: what serve's z_score is measured against (default: held-out pairs)");

    public ScoreCommand()
        : base("score", VerbGroup.Use, "reward scores for rows of texts",
            "Adds the raw reward to every row and keeps all other fields and the order. Rows with prompt and response, or prompt, chosen and rejected, are rendered by the template and end with the end-of-text token; "
            + "they get score, or score_chosen and score_rejected. Rows with text get score: the text is tokenized exactly as the tokenizer itself says, nothing is added, and texts without an end token are counted.")
    {
        foreach (var option in (Option[])[.. _reward.All, _input, _output, _reference])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("score --model runs/umm/model --input responses.jsonl --output scored.jsonl", "a file"),
        new("score --model merged --input sft-answers.jsonl --record-reference runs/sft/model --output scored.jsonl", "z-scores against the policy that training starts from"),
        new("score --models runs/a/model runs/b/model --combine wco < responses.jsonl", "an ensemble's worst case, from stdin to stdout"),
    ];

    public override int Run(Invocation invocation)
    {
        var rows = RowInput.Open(invocation.Value(_input), invocation);
        using var output = new RowOutput(invocation.Value(_output), invocation.Terminal);
        var reference = Reference(invocation);
        var reward = _reward.Open(invocation);
        List<double> all = [];
        foreach (var chunk in rows.Chunk(RowsAChunk))
        {
            var scores = Score(chunk, reward, invocation.Stopping);
            if (reference is not null)
                all.AddRange(scores);
            output.Write(chunk);
            invocation.Terminal.Progress.Report(new ProgressReport("scoring", output.Count, 0, "rows"));
        }
        output.Commit();
        if (reference is { } model)
            Record(invocation, model, reward, all);
        if (reward.TextsWithoutEnd > 0)
            invocation.Terminal.Warn($"{reward.TextsWithoutEnd} texts do not end with the model's end-of-text token, which it was trained to read the reward at; write it at their ends if they are finished");
        if (reward.TextsBegunTwice > 0)
            invocation.Terminal.Warn($"{reward.TextsBegunTwice} texts bring the token along that the tokenizer puts before every text, and so begin with it twice, as no text in training did; leave it out of them, or give rows with prompt and response");
        if (invocation.Json && output.IsFile)
        {
            invocation.Terminal.Json(json =>
            {
                json.WriteString("output", Path.GetFullPath(invocation.Value(_output)!));
                json.WriteNumber("rows", output.Count);
                json.WriteNumber("texts_without_end", reward.TextsWithoutEnd);
                json.WriteNumber("texts_begun_twice", reward.TextsBegunTwice);
            });
        }
        return ExitCode.Done;
    }

    /// <summary>The folder whose reference is recorded; null where none is to be.</summary>
    private string? Reference(Invocation invocation)
    {
        if (invocation.Value(_reference) is null)
            return null;
        return _reward.Name(invocation) is var model && Directory.Exists(model)
            ? model
            : throw new UsageException($"--record-reference writes into a model's folder, and {model} is none; give one model that lies here with --model");
    }

    private void Record(Invocation invocation, string model, LoadedReward reward, List<double> scores)
    {
        var recorded = RewardProbes.RecordReference(model, reward.Encoders[0], scores, invocation.Value(_reference)!);
        invocation.Terminal.Note(FormattableString.Invariant($"{model}/reward.json: {recorded.Count} answers of {recorded.Source} score {recorded.Mean:g4} on average, standard deviation {recorded.Sd:g4}"));
    }

    private static double[] Score(DataRow[] rows, LoadedReward reward, CancellationToken stopping)
    {
        var wanted = rows.SelectMany(row => Wanted(row).Select(want => (row.Fields, want.Column, want.Request))).ToList();
        var scores = reward.Score([.. wanted.Select(want => want.Request)], progress: null, stopping);
        for (var i = 0; i < wanted.Count; i++)
            wanted[i].Fields[wanted[i].Column] = scores[i];
        return scores;
    }

    /// <summary>What a row asks for: the columns to fill and what to score for them.</summary>
    private static IEnumerable<(string Column, ScoreRequest Request)> Wanted(DataRow row)
    {
        if (row.Fields.ContainsKey("text"))
            return [("score", new ScoreRequest(row.Origin, RowCompletion.Text(row, "text"), null))];
        if (row.Fields.ContainsKey("prompt") && row.Fields.ContainsKey("chosen") && row.Fields.ContainsKey("rejected"))
            return [("score_chosen", Completed(row, "chosen", "chosen_ended")), ("score_rejected", Completed(row, "rejected", "rejected_ended"))];
        if (row.Fields.ContainsKey("prompt") && row.Fields.ContainsKey("response"))
            return [("score", Completed(row, "response", "ended"))];
        throw new InvalidDataException($"{row.Origin}: the row has {string.Join(", ", row.Fields.Select(field => field.Key))}; expected text, or prompt and response, or prompt, chosen and rejected");
    }

    private static ScoreRequest Completed(DataRow row, string column, string ended) => new(row.Origin, null, RowCompletion.Of(row, column, ended));
}
