using System.Text.RegularExpressions;
using UmmRm.Hub;
using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// Anthropic's helpful and harmless dialogues: <c>chosen</c> and <c>rejected</c>, each a whole conversation in one text whose turns begin
/// with <c>\n\nHuman:</c> and <c>\n\nAssistant:</c>. One space after the colon belongs to the marker; all else is kept.
/// </summary>
internal static partial class AnthropicHh
{
    private const string Start = "\n\nHuman:";

    /// <summary>harmless-base, with the paper's parts.</summary>
    public static NamedDataSet Harmless { get; } = Set("hh-harmless", "harmless-base");

    /// <summary>helpful-base, with the paper's parts.</summary>
    public static NamedDataSet Helpful { get; } = Set("hh-helpful", "helpful-base");

    /// <summary>chosen, rejected, at least one of the first of them a dialogue.</summary>
    public static Layout<PreferencePair> Pairs { get; } = new("Anthropic HH", ["chosen", "rejected"], [], fields =>
        CheckedPair.Of(fields, Turns(fields, "chosen"), Turns(fields, "rejected")))
    {
        Applies = sample => !sample[0].Has("prompt") && sample.Any(fields => fields.TextIfAny("chosen")?.StartsWith(Start, StringComparison.Ordinal) ?? false),
        Sides = [("chosen", "rejected")],
    };

    /// <summary>Fine-tuning reads the first 12,000 rows (the last 2,000 held out), rewards rows 12,000 to 22,500 (the last 500 held out), tests the first 500 of the test split.</summary>
    private static NamedDataSet Set(string name, string folder) => new()
    {
        Name = name,
        Repository = new HubRepository(HubKind.DataSet, "Anthropic/hh-rlhf"),
        Published = new Dictionary<string, IReadOnlyList<string>> { ["train"] = [$"{folder}/train"], ["test"] = [$"{folder}/test"] },
        Paper = new Dictionary<string, RowRange>
        {
            ["sft"] = new("train", 0, 10000),
            ["sft-validation"] = new("train", 10000, 12000),
            ["reward"] = new("train", 12000, 22000),
            ["reward-validation"] = new("train", 22000, 22500),
            ["reward-test"] = new("test", 0, 500),
        },
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
