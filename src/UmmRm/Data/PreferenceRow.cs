using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Data;

/// <summary>A preference pair and the row that it was read from.</summary>
public sealed class PreferenceRow
{
    private readonly IReadOnlyList<(string, string)> _sides;
    private readonly string _margin;

    internal PreferenceRow(PreferencePair pair, DataRow row, IEnumerable<(string, string)> sides, string margin)
    {
        Pair = pair;
        Row = row;
        _sides = [.. sides];
        _margin = margin;
    }

    /// <summary>The pair.</summary>
    public PreferencePair Pair { get; }

    /// <summary>The row, with all its columns.</summary>
    public DataRow Row { get; }

    /// <summary>The row's fields with the preference reversed: what belongs to the two sides changes places, a margin changes its sign, all else and the order stay.</summary>
    public JsonObject Reversed()
    {
        var fields = (JsonObject)Row.Fields.DeepClone();
        foreach (var (a, b) in _sides.Where(s => Row.Fields.ContainsKey(s.Item1) && Row.Fields.ContainsKey(s.Item2)))
            (fields[a], fields[b]) = (Row.Fields[b]?.DeepClone(), Row.Fields[a]?.DeepClone());
        if (fields[_margin] is JsonValue margin && margin.GetValueKind() == JsonValueKind.Number && Pair.Margin is { } said)
            fields[_margin] = -said;
        return fields;
    }
}
