using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;

namespace UmmRm.Cli;

/// <summary>A row's prompt with one of its responses.</summary>
internal static class RowCompletion
{
    /// <summary>The completion in a column.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The response's column: a text, or the one assistant turn that stands for it in a conversation.</param>
    /// <param name="ended">The column that is false where a length limit cut the response.</param>
    /// <exception cref="InvalidDataException">The prompt or the response is unusable; the message names file, row, column and value.</exception>
    public static Completion Of(DataRow row, string column = "response", string ended = "ended") =>
        new(PromptData.FromRow(row), Text(row, column), !(row.Fields[ended] is JsonValue flag && flag.GetValueKind() == JsonValueKind.False));

    /// <summary>A text, or the one assistant turn that stands for it in a conversation.</summary>
    public static string Text(DataRow row, string column)
    {
        var value = row.Fields[column] is JsonArray { Count: 1 } turns && turns[0] is JsonObject turn && turn["role"]?.ToString() == "assistant" ? turn["content"] : row.Fields[column];
        if (value is not JsonValue || value.GetValueKind() != JsonValueKind.String)
            throw new InvalidDataException($"{row.Origin}: {column} is {value?.ToJsonString() ?? "null"}; expected a text");
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{row.Origin}: {column} holds half of a surrogate pair (an escape such as \\ud83d alone); expected well-formed text", e);
        }
    }
}
