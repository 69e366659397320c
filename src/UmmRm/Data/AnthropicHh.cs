using System.Text.RegularExpressions;
using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// Anthropic's helpful and harmless dialogues: <c>chosen</c> and <c>rejected</c>, each a whole conversation in one text whose turns begin
/// with <c>\n\nHuman:</c> and <c>\n\nAssistant:</c>. One space after the colon belongs to the marker; all else is kept.
/// </summary>
internal static partial class AnthropicHh
{
    private const string Start = "\n\nHuman:";

    /// <summary>chosen, rejected, at least one of the first of them a dialogue.</summary>
    public static Layout<PreferencePair> Pairs { get; } = new("Anthropic HH", ["chosen", "rejected"], [], fields =>
        CheckedPair.Of(fields, Turns(fields, "chosen"), Turns(fields, "rejected")))
    {
        Applies = sample => !sample[0].Has("prompt") && sample.Any(fields => fields.TextIfAny("chosen")?.StartsWith(Start, StringComparison.Ordinal) ?? false),
        Sides = [("chosen", "rejected")],
    };

    private static List<Message> Turns(RowFields fields, string side)
    {
        var text = fields.Text(side);
        if (!text.StartsWith(Start, StringComparison.Ordinal))
            throw new BadRowException(BadRowReason.WrongValue, $"{fields.ColumnOf(side)} does not begin with \\n\\nHuman:, as the other rows do; expected a dialogue");
        var markers = Marker().Matches(text);
        return [.. markers.Select((marker, i) => new Message(
            marker.Groups[1].Value == "Human" ? "user" : "assistant",
            text[(marker.Index + marker.Length)..(i + 1 < markers.Count ? markers[i + 1].Index : text.Length)]))];
    }

    [GeneratedRegex(@"\n\n(Human|Assistant): ?")]
    private static partial Regex Marker();
}
