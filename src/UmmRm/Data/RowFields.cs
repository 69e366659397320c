using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>A row seen through a column mapping: typed access by a layout's own names, each refusal naming column, value and expectation.</summary>
internal sealed class RowFields(DataRow row, ReadOptions options)
{
    /// <summary>The row itself.</summary>
    public DataRow Row => row;

    /// <summary>How the data set is read.</summary>
    public ReadOptions Options => options;

    /// <summary>Whether the row has the column and it is not null.</summary>
    public bool Has(string name) => row.Fields[ColumnOf(name)] is not null;

    /// <summary>Whether the column holds a list, as conversations are.</summary>
    public bool IsList(string name) => row.Fields[ColumnOf(name)] is JsonArray;

    /// <summary>A text.</summary>
    public string Text(string name) => TextOf(Value(name), ColumnOf(name));

    /// <summary>A text, or null where the column is absent, null or something else.</summary>
    public string? TextIfAny(string name) => row.Fields[ColumnOf(name)] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? Text(name) : null;

    /// <summary>A finite number.</summary>
    public double Number(string name)
    {
        var value = Value(name);
        if (value is not JsonValue || value.GetValueKind() != JsonValueKind.Number)
            throw new BadRowException(BadRowReason.WrongType, $"{ColumnOf(name)} is {Describe(value)}; expected a number");
        var number = value.AsValue().TryGetValue<double>(out var real) ? real : value.GetValue<long>();
        return double.IsFinite(number) ? number : throw new BadRowException(BadRowReason.WrongValue, $"{ColumnOf(name)} is not finite; expected a finite number");
    }

    /// <summary>A finite number, or null where the column is absent or null.</summary>
    public double? NumberIfAny(string name) => Has(name) ? Number(name) : null;

    /// <summary>A truth value, or <paramref name="otherwise"/> where the column is absent or null.</summary>
    public bool Flag(string name, bool otherwise) => !Has(name) ? otherwise : Value(name) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag
        : throw new BadRowException(BadRowReason.WrongType, $"{ColumnOf(name)} is {Describe(Value(name))}; expected true or false");

    /// <summary>A conversation: a list of {role, content}, at least one.</summary>
    public IReadOnlyList<Message> Turns(string name)
    {
        const string Expected = "a list of {role, content} turns";
        var column = ColumnOf(name);
        if (Value(name) is not JsonArray list)
            throw new BadRowException(BadRowReason.WrongType, $"{column} is {Describe(Value(name))}; expected {Expected}");
        if (list.Count == 0)
            throw new BadRowException(BadRowReason.WrongValue, $"{column} is an empty list; expected {Expected}");
        return [.. list.Select((item, i) => item is JsonObject turn
            ? new Message(TextOf(turn["role"], $"{column}[{i}].role"), TextOf(turn["content"], $"{column}[{i}].content"))
            : throw new BadRowException(BadRowReason.WrongType, $"{column}[{i}] is {Describe(item)}; expected {Expected}"))];
    }

    /// <summary>What is to be answered: a text, with the <c>input</c> column where there is one, or a list of turns.</summary>
    public Conversation Prompt(string name)
    {
        if (IsList(name))
            return new Conversation(Turns(name));
        var input = Has("input") ? Text("input") : "";
        return Conversation.FromPrompt(Text(name)) with { Input = input.Length > 0 ? input : null };
    }

    /// <summary>The value of a column that the row must have.</summary>
    public JsonNode Value(string name)
    {
        var column = ColumnOf(name);
        if (!row.Fields.TryGetPropertyValue(column, out var value))
            throw new BadRowException(BadRowReason.MissingColumn, $"column {column} is missing; the row has {string.Join(", ", row.Fields.Select(field => field.Key))}");
        return value ?? throw new BadRowException(BadRowReason.NullValue, $"{column} is null; expected a value");
    }

    /// <summary>The file's own name of a column.</summary>
    public string ColumnOf(string name) => options.Columns.GetValueOrDefault(name, name);

    /// <summary>A value in a few words, for a message.</summary>
    public static string Describe(JsonNode? value)
    {
        if (value is null)
            return "null";
        if (value is JsonObject or JsonArray)
            return value is JsonObject ? "an object" : "a list";
        if (value.GetValueKind() == JsonValueKind.String)
            return "a text";
        var text = value.ToString();
        return text.Length > 40 ? text[..40] + "..." : text;
    }

    private static string TextOf(JsonNode? value, string column)
    {
        if (value is null)
            throw new BadRowException(BadRowReason.NullValue, $"{column} is null or absent; expected text");
        if (value.GetValueKind() != JsonValueKind.String)
            throw new BadRowException(BadRowReason.WrongType, $"{column} is {Describe(value)}; expected text");
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException) // an escape such as \ud83d without its other half
        {
            throw new BadRowException(BadRowReason.WrongValue, $"{column} holds half of a surrogate pair (an escape such as \\ud83d alone); expected well-formed text");
        }
    }
}
