using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// Prompts to be answered: <c>instruction, input</c>; <c>prompt</c>, as a text or as turns; <c>messages</c>, less an answer at their end;
/// or preference data without a prompt column. Repeated prompts are kept and counted as duplicates.
/// </summary>
public static class PromptData
{
    private static readonly IReadOnlyList<Layout<Conversation>> Layouts =
    [
        new("prompt", ["prompt"], ["input"], fields => CheckedPair.CheckPrompt(fields.Prompt("prompt"))),
        AlpacaFarm.Prompts,
        new("messages", ["messages"], [], fields =>
        {
            var turns = fields.Turns("messages");
            return CheckedPair.CheckPrompt(new Conversation(turns.Count > 1 && turns[^1].Role == "assistant" ? [.. turns.SkipLast(1)] : turns));
        }),
        .. PreferenceData.Layouts.Select(layout => layout.As((_, pair) => pair.Prompt)),
    ];

    /// <summary>Reads the prompts of a source. Errors: as <see cref="PreferenceData.Read"/>.</summary>
    public static DataSet<Conversation> Read(DataSource source, ReadOptions? options = null) => RowReader.Read(source, options ?? new(), Layouts, PromptComparer.Instance);

    /// <summary>Reads one row, for rows that come as a stream.</summary>
    /// <exception cref="InvalidDataException">The row is no usable prompt; the message names file, row, column and value.</exception>
    public static Conversation FromRow(DataRow row, ReadOptions? options = null) => RowReader.ReadOne(row, options ?? new(), Layouts);
}
