using System.Globalization;
using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Diagnosis;

/// <summary>How a model's texts become ids: what training, evaluation, sampling and serving will see.</summary>
internal static class ReadingChecks
{
    private const double ManyTooLong = 0.05;
    private const double FewMarkers = 0.01;

    public static IReadOnlyList<Check<ReadingCase>> All { get; } =
    [
        new("template", Template, "name a template that fits the rows: --template raw, alpaca, coste, hh, chat, or a file (in a recipe: template)"),
        new("bos-token", BeginToken),
        new("eos-appended", EndAppended),
        new("boundary", Boundary),
        new("markers", Markers),
        new("over-length", OverLength),
    ];

    private static Verdict Template(ReadingCase reading)
    {
        var name = reading.Encoder.Template.Name;
        _ = reading.Texts; // a template that has no place for a row's turns says so here
        var recorded = reading.Model.Record?.TemplateName;
        if (recorded is not null && recorded != name)
        {
            return Verdict.Warning(
                $"texts are rendered by '{name}', and reward.json says that the model was trained with '{recorded}': a reward model scores by the form of the text too, so scores of another form mean little",
                $"leave the template to the folder, or say {recorded}");
        }
        if (ChatTemplateFile.IsIn(reading.Model.Path) && reading.Encoder.Template is not ChatPromptTemplate)
        {
            return Verdict.Warning(
                $"the folder has a chat template, and texts are rendered by '{name}'{(recorded is null ? "" : ", as reward.json says")}: servers and trainers that see the chat template apply it, and score another text than the one trained on",
                "decide for one of the two: remove the chat template from the published folder, or train and score with it");
        }
        if (reading.Encoder.Template is ChatPromptTemplate { Chat.Source: var source } && source.Contains("strftime_now(", StringComparison.Ordinal))
        {
            return Verdict.Warning(
                "the chat template writes today's date (strftime_now) into texts: the same text has another score tomorrow than it had in training",
                "put a fixed date into a copy of it, and train with that: --template FILE.jinja");
        }
        return name == "raw" && recorded is null && !reading.TemplateIsNamed
            ? Verdict.Warning(
                "no template is named or recorded: prompt and response are put together with nothing between ('raw'), which is right only where the rows bring their own markers",
                "name the template that the model knows: --template alpaca, coste, hh or a file, or raw if that is what is meant; in a recipe: template")
            : Verdict.Ok($"texts are rendered by '{name}', looked at in {reading.Looked}");
    }

    private static Verdict BeginToken(ReadingCase reading)
    {
        var tokenizer = reading.Model.Tokenizer;
        if ((tokenizer.PrefixIds is [var first, ..] ? first : tokenizer.BosId) is not { } begin)
            return Verdict.Ok("the tokenizer begins texts with no token of its own");
        var doubled = reading.Texts.Where(text => text.Encoded.Ids is [var a, var b, ..] && a == begin && b == begin).ToList();
        if (doubled is [var example, ..])
        {
            return Verdict.Error(
                $"{doubled.Count} of {reading.Looked} begin with {ModelChecks.Spelled(tokenizer, begin)} twice, such as {example.Origin}: the tokenizer puts one there and the template, or the row itself, writes another. No model was pre-trained on that, and a server that adds one only scores another text",
                "take the begin token out of the template or the rows");
        }
        var with = reading.Texts.Count(text => text.Encoded.Ids is [var a, ..] && a == begin);
        if (with > 0 && with < reading.Texts.Count)
            return Verdict.Warning($"{with} of {reading.Looked} begin with {ModelChecks.Spelled(tokenizer, begin)} and the others do not: the template, or some rows, write it", "write it in all or in none of them");
        return Verdict.Ok(with > 0 ? $"texts begin with one {ModelChecks.Spelled(tokenizer, begin)}" : $"texts begin without {ModelChecks.Spelled(tokenizer, begin)}: the tokenizer adds none");
    }

    /// <summary>The end token stands at the end of what is trained on and of what is scored, and nowhere else.</summary>
    private static Verdict EndAppended(ReadingCase reading)
    {
        var (tokenizer, encoder, record) = (reading.Model.Tokenizer, reading.Encoder, reading.Model.Record);
        var ends = reading.Model.Folder.EndIds(encoder);
        if (record is not null && record.AppendEos != encoder.Template.AppendsEos)
        {
            return Verdict.Error(
                $"reward.json says append_eos: {(record.AppendEos ? "true" : "false")}, and template '{encoder.Template.Name}' {(encoder.Template.AppendsEos ? "appends the end token" : "appends nothing")}: the reward would be read at another token than in training",
                "score with the template that reward.json names, or correct append_eos if the file was edited");
        }
        if (record?.Probes.FirstOrDefault(probe => probe.Ids is [.., var last] && !ends.Contains(last)) is { } probe && encoder.Template.AppendsEos)
        {
            return Verdict.Error(
                $"a recorded probe, which is a text of the training data, ends with {ModelChecks.Spelled(tokenizer, probe.Ids![^1])}; scoring appends {ModelChecks.Spelled(tokenizer, encoder.EndId!.Value)}: the reward is read at another token than in training",
                "set eos_token_id in config.json to what it was in training");
        }
        if (tokenizer.SuffixIds is [.., var suffix] && reading.Texts.Any(text => text.PromptIds is [.., var last] && last == suffix))
        {
            return Verdict.Warning(
                $"the tokenizer's post-processor puts {ModelChecks.Spelled(tokenizer, suffix)} after every text, prompts included: a policy is asked to go on after the end of a text",
                "remove the end token from the post_processor of tokenizer.json (add_eos_token: false); finished texts get theirs here");
        }
        var without = reading.Texts.Where(text => text.Text.Ended && !text.Encoded.Ids.TakeLast(2).Any(ends.Contains)).ToList();
        return without is [var example, ..]
            ? Verdict.Warning($"{without.Count} of {reading.Looked} do not end with an end token, such as {example.Origin}: template '{encoder.Template.Name}' writes none, and the reward is read at whatever token comes last", "check that the template closes the assistant's turn")
            : Verdict.Ok($"finished texts end with {string.Join(" or ", ends.Where(id => reading.Texts.Any(text => text.Encoded.Ids.TakeLast(2).Contains(id))).Select(id => ModelChecks.Spelled(tokenizer, id)))} in training and in scoring alike; cut ones get none");
    }

    /// <summary>Whether the prompt alone has the ids that it has with a response behind it.</summary>
    private static Verdict Boundary(ReadingCase reading)
    {
        var suffix = reading.Encoder.Template.BringsSpecialTokens ? 0 : reading.Model.Tokenizer.SuffixIds.Count;
        var straddled = reading.Texts.Where(text => !text.PromptIds.AsSpan(0, text.PromptIds.Length - suffix).SequenceEqual(text.Encoded.Ids.AsSpan(0, text.Encoded.ResponseStart))).ToList();
        if (straddled is not [var example, ..])
            return Verdict.Ok($"prompt and response meet between two tokens in {reading.Looked}");
        var token = example.Encoded.ResponseStart < example.Encoded.Ids.Length ? reading.Model.Tokenizer.Decode([example.Encoded.Ids[example.Encoded.ResponseStart]]) : "";
        return Verdict.Warning(
            $"in {straddled.Count} of {reading.Looked} the prompt alone has other tokens than with its response, such as {example.Origin}, where the response begins within or at the token '{Visible(token)}': a policy is asked with tokens that it never saw in training, and answers that it could not begin with are scored",
            "end the prompt's part of the template where a token ends: with a line feed, or without the space before the response; of a chat template, let the generation prompt be what it writes before an answer");
    }

    /// <summary>Rows that bring special tokens or the template's own lines along: rendered once already, or written to fool.</summary>
    private static Verdict? Markers(ReadingCase reading)
    {
        if (reading.Data is null)
            return null;
        var tokenizer = reading.Model.Tokenizer;
        var lines = Lines(reading.Encoder.Template);
        var found = reading.Texts.Select(text => (text.Origin, Marker: Marker(tokenizer, lines, text.Text))).Where(text => text.Marker is not null).ToList();
        if (found is not [var example, ..])
            return Verdict.Ok($"no special token and no line of the template in {reading.Looked}");
        if (found.Count < FewMarkers * reading.Texts.Count)
            return Verdict.Ok($"{found.Count} of {reading.Looked} hold '{Visible(example.Marker!)}' or the like, such as {example.Origin}");
        var what = lines.Contains(example.Marker)
            ? $"a line that template '{reading.Encoder.Template.Name}' writes itself: such rows look rendered already, and are rendered twice"
            : "a special token: it means to the model what it means in a template, and one that ends texts ends an answer in its middle";
        return Verdict.Warning($"{found.Count} of {reading.Looked} hold '{Visible(example.Marker!)}', such as {example.Origin}, {what}", "take rows as they were before rendering, drop those few, or --template raw for rows that bring their markers");
    }

    private static string? Marker(Tokenizer tokenizer, string[] lines, Completion text)
    {
        string[] parts = [.. text.Prompt.Turns.Select(turn => turn.Content), text.Response];
        if (parts.Select(part => lines.FirstOrDefault(line => part.Contains(line, StringComparison.Ordinal))).FirstOrDefault(line => line is not null) is { } written)
            return written;
        return parts.SelectMany(part => tokenizer.Encode(part, addSpecialTokens: false).Where(tokenizer.IsSpecial).Select(tokenizer.TokenOf).Where(token => part.Contains(token!, StringComparison.Ordinal))).FirstOrDefault();
    }

    /// <summary>What a template writes itself, line by line; short ones say nothing.</summary>
    private static string[] Lines(PromptTemplate template)
    {
        const int Shortest = 6;
        try
        {
            return [.. template.Render(Conversation.FromPrompt("")).Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length >= Shortest)];
        }
        catch (InvalidDataException)
        {
            return []; // it does not take an empty turn
        }
    }

    private static Verdict? OverLength(ReadingCase reading)
    {
        if (reading.Data is not { Report.Kept: > 0, Kind: not RowKind.Prompts })
            return null;
        var (encoder, positions) = (reading.Encoder, reading.Model.Config.Model.MaxPositions);
        int[] lengths = [.. reading.Texts.Select(text => text.Encoded.Ids.Length).Order()];
        var sides = reading.Data.Kind == RowKind.Pairs ? 2 : 1;
        var tooLong = reading.Texts.Chunk(sides).Count(row => row.Any(text => text.Encoded.Ids.Length > encoder.MaxLength));
        var rows = reading.Texts.Count / sides;
        var share = (double)tooLong / rows;
        var detail = string.Create(CultureInfo.InvariantCulture, $"{tooLong:N0} of {rows:N0} rows{(rows < reading.Data.Report.Kept ? $" sampled from {reading.Data.Report.Kept:N0}" : "")} ({share:P1}) are longer than {encoder.MaxLength:N0} tokens; median {lengths[lengths.Length / 2]:N0}, 95 % up to {Quantile(lengths, 0.95):N0}, longest {lengths[^1]:N0}");
        if (share <= ManyTooLong)
            return Verdict.Ok(detail);
        var what = tooLong == rows && encoder.OverLength == Data.OverLength.Drop ? "nothing is left to train on" : encoder.OverLength == Data.OverLength.Cut ? "their prompts are shortened from the start where that is enough, and dropped otherwise" : "they are dropped and counted, and what is left is not what was meant to be learned: short answers";
        var enough = Quantile(lengths, 0.975);
        var remedy = enough <= positions
            ? string.Create(CultureInfo.InvariantCulture, $"max_length {enough} keeps about 95 % (--set max_length={enough}; memory grows with it), or over_length: cut")
            : string.Create(CultureInfo.InvariantCulture, $"the model has {positions:N0} positions: over_length: cut shortens prompts; a model with more positions reads them whole");
        return new Verdict(tooLong == rows ? Severity.Error : Severity.Warning, $"{detail}: {what}", remedy);
    }

    private static int Quantile(int[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    private static string Visible(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal);
}
