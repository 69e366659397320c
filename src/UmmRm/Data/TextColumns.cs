using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Data;

/// <summary>All texts of a data set, whatever its layout: what a tokenizer is trained on.</summary>
public static class TextColumns
{
    /// <summary>Every text of every row, in order: columns that are texts, and the contents of conversations.</summary>
    /// <exception cref="FileNotFoundException">The source does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or there is no text at all.</exception>
    public static IEnumerable<string> Read(DataSource source)
    {
        var any = false;
        foreach (var text in source.Rows().SelectMany(row => row.Fields.SelectMany(field => Texts(field.Value))))
        {
            any = true;
            yield return text;
        }
        if (!any)
            throw new InvalidDataException($"{source}: there are no texts; the file is empty, or no column of its rows is a text or a conversation");
    }

    private static IEnumerable<string> Texts(JsonNode? value) => value switch
    {
        JsonValue text when text.GetValueKind() == JsonValueKind.String => [text.ToString()],
        JsonArray turns => turns.OfType<JsonObject>().SelectMany(turn => Texts(turn["content"])),
        _ => [],
    };
}
