using System.Text.RegularExpressions;
using UmmRm.Hub;
using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// HelpSteer's preferences: two responses and a strength from -3 (the first is much better) to 3 (the second is), whose size is the margin; 0 is a
/// tie. HelpSteer2 has a prompt text in which later turns begin with a marker, HelpSteer3 a list of turns.
/// </summary>
internal static partial class HelpSteer
{
    /// <summary>HelpSteer3's published splits of preferences.</summary>
    public static NamedDataSet Set { get; } = new()
    {
        Name = "helpsteer3",
        Repository = new HubRepository(HubKind.DataSet, "nvidia/HelpSteer3"),
        Published = new Dictionary<string, IReadOnlyList<string>> { ["train"] = ["preference/train"], ["validation"] = ["preference/validation"] },
    };

    /// <summary>HelpSteer2: prompt, response_1, response_2, preference_strength.</summary>
    public static Layout<PreferencePair> Pairs { get; } = new("HelpSteer2", ["prompt", "response_1", "response_2", "preference_strength"], [],
        fields => Read(fields, Turns(fields.Text("prompt")), "response_1", "response_2", "preference_strength"))
    {
        Sides = [("response_1", "response_2")],
    };

    /// <summary>HelpSteer3: context, response1, response2, overall_preference.</summary>
    public static Layout<PreferencePair> Conversations { get; } = new("HelpSteer3", ["context", "response1", "response2", "overall_preference"], [],
        fields => Read(fields, new Conversation(fields.Turns("context")), "response1", "response2", "overall_preference"))
    {
        Sides = [("response1", "response2")],
    };

    private static PreferencePair Read(RowFields fields, Conversation prompt, string first, string second, string strength)
    {
        var value = fields.Number(strength);
        if (Math.Abs(value) > 3)
            throw new BadRowException(BadRowReason.WrongValue, $"{fields.ColumnOf(strength)} is {value}; expected -3 (the first response is much better) .. 3 (the second is)");
        var (better, worse) = value <= 0 ? (first, second) : (second, first);
        return CheckedPair.Of(fields, prompt, fields.Text(better), fields.Text(worse), value == 0 ? $"{fields.ColumnOf(strength)} is 0" : null) with { Margin = Math.Abs(value) };
    }

    private static Conversation Turns(string prompt)
    {
        var markers = Marker().Matches(prompt);
        return new Conversation(
        [
            new Message("user", prompt[..(markers is [var next, ..] ? next.Index : prompt.Length)]),
            .. markers.Select((marker, i) => new Message(
                marker.Groups[1].Value == "User" ? "user" : "assistant",
                prompt[(marker.Index + marker.Length)..(i + 1 < markers.Count ? markers[i + 1].Index : prompt.Length)])),
        ]);
    }

    [GeneratedRegex(@"\n<extra_id_1>(User|Assistant)\n")]
    private static partial Regex Marker();
}
