using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// Demonstrations for supervised fine-tuning: <c>instruction, input, output</c>; <c>prompt</c> with <c>completion</c> or <c>response</c>;
/// <c>messages</c> that end with the answer; or preference data, of which the chosen side is taken.
/// </summary>
public static class InstructionData
{
    private static readonly EqualityComparer<Instruction> SameTexts = EqualityComparer<Instruction>.Create(
        (a, b) => a!.Response == b!.Response && PromptComparer.Instance.Equals(a.Prompt, b.Prompt),
        row => row.Response.GetHashCode(StringComparison.Ordinal));

    private static readonly IReadOnlyList<Layout<Instruction>> Layouts =
    [
        AlpacaFarm.Demonstrations,
        Answered("completion"),
        Answered("response"),
        new("messages", ["messages"], [], fields => Whole(fields, fields.Turns("messages"), "messages")),
        .. PreferenceData.Layouts.Select(layout => layout.As((_, pair) => new Instruction(pair.Prompt, pair.Chosen, pair.Origin))),
    ];

    /// <summary>Reads the demonstrations of a source. Errors: as <see cref="PreferenceData.Read"/>.</summary>
    public static DataSet<Instruction> Read(DataSource source, ReadOptions? options = null) => RowReader.Read(source, options ?? new(), Layouts, SameTexts);

    /// <summary>Reads one row, for rows that come as a stream.</summary>
    /// <exception cref="InvalidDataException">The row is no usable demonstration; the message names file, row, column and value.</exception>
    public static Instruction FromRow(DataRow row, ReadOptions? options = null) => RowReader.ReadOne(row, options ?? new(), Layouts);

    private static Layout<Instruction> Answered(string response) => new($"prompt, {response}", ["prompt", response], ["input", "ended"], fields => fields.IsList(response)
        ? Whole(fields, [.. fields.Prompt("prompt").Turns, .. fields.Turns(response)], $"the conversation of prompt and {response}", fields.Prompt("prompt").Input)
        : CheckedPair.Demonstration(fields, fields.Prompt("prompt"), fields.Text(response)));

    private static Instruction Whole(RowFields fields, IReadOnlyList<Message> turns, string what, string? input = null)
    {
        var (prompt, response) = CheckedPair.SplitLastTurn(turns, what);
        return CheckedPair.Demonstration(fields, new Conversation(prompt, input), response);
    }
}
