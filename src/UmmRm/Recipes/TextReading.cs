using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Recipes;

/// <summary>How the stages read rows: through one set of options, saying aloud whatever was dropped or looks odd.</summary>
internal static class TextReading
{
    /// <summary>The options that a stage and its input give together.</summary>
    public static ReadOptions Options(this TextStage stage, DataInput data) => new() { Columns = data.Columns, BadRows = stage.BadRows };

    /// <summary>Preference pairs of an input; what was dropped is noted.</summary>
    public static DataSet<PreferencePair> ReadPairs(this StageContext context, TextStage stage, DataInput data) =>
        Noted(context, PreferenceData.Read(context.SourceOf(data), stage.Options(data)));

    /// <summary>Instructions of an input; what was dropped is noted.</summary>
    public static DataSet<Instruction> ReadInstructions(this StageContext context, TextStage stage, DataInput data) =>
        Noted(context, InstructionData.Read(context.SourceOf(data), stage.Options(data)));

    /// <summary>The encoder of a stage's model.</summary>
    public static SequenceEncoder Encoder(this TextStage stage, ModelFolder folder) => folder.Encoder(stage.Template?.ToString(), stage.MaxLength, stage.OverLength);

    /// <summary>Writes the chat template that texts were read by into the model that was trained on them: the model's own, as <c>chat_template.jinja</c>, wherever it came from.</summary>
    public static void KeepChatTemplate(this SequenceEncoder encoder, string modelFolder)
    {
        if (encoder.Template is ChatPromptTemplate chat)
            chat.Chat.Save(modelFolder);
    }

    /// <summary>Pairs as ids; what is too long is noted.</summary>
    public static IReadOnlyList<EncodedPair> EncodePairs(this StageContext context, SequenceEncoder encoder, IReadOnlyList<PreferencePair> pairs, string what)
    {
        var (kept, dropped, cut) = encoder.Encode(pairs);
        NoteLengths(context, encoder, what, pairs.Count, dropped, cut);
        return kept.Count > 0 ? kept : throw new InvalidDataException($"none of the {pairs.Count} {what} fits in max_length {encoder.MaxLength} tokens; raise max_length, or set over_length: cut");
    }

    /// <summary>The pairs that fit the limit of a model, which stands for all models that share its tokenizer; the others are dropped and noted. An ensemble's file has no limit of its own.</summary>
    public static IReadOnlyList<PreferencePair> Fitting(this StageContext context, TextStage stage, InputReference model, IReadOnlyList<PreferencePair> pairs, string what)
    {
        var folder = context.PathOf(model);
        return Directory.Exists(folder) ? [.. context.EncodePairs(stage.Encoder(ModelFolder.Open(folder)), pairs, what).Select(pair => pairs[pair.Index])] : pairs;
    }

    /// <summary>Instructions as ids; what is too long is noted.</summary>
    public static IReadOnlyList<EncodedText> EncodeTexts(this StageContext context, SequenceEncoder encoder, IReadOnlyList<Instruction> rows, string what)
    {
        var encoded = rows.Select((row, i) => InRow.Of(row.Origin, () => encoder.EncodeWithStart(new Completion(row.Prompt, row.Response, row.Ended), i))).ToList();
        var fitting = encoded.Select((text, i) => encoder.Fit(text, rows[i].Prompt)).ToList();
        var kept = fitting.OfType<EncodedText>().ToList();
        NoteLengths(context, encoder, what, rows.Count, rows.Count - kept.Count, encoded.Zip(fitting).Count(pair => pair.Second is { } fit && fit.Ids.Length < pair.First.Ids.Length));
        return kept.Count > 0 ? kept : throw new InvalidDataException($"none of the {rows.Count} {what} fits in max_length {encoder.MaxLength} tokens; raise max_length, or set over_length: cut");
    }

    private static DataSet<T> Noted<T>(StageContext context, DataSet<T> data)
    {
        foreach (var warning in data.Report.Warnings())
            context.Warn(warning);
        return data;
    }

    private static void NoteLengths(StageContext context, SequenceEncoder encoder, string what, int rows, int dropped, int cut)
    {
        if (dropped > 0)
            context.Warn($"{dropped} of {rows} {what} dropped: longer than max_length {encoder.MaxLength} tokens");
        if (cut > 0)
            context.Warn($"{cut} of {rows} {what} had their prompts shortened to fit max_length {encoder.MaxLength} tokens");
    }
}
