using UmmRm.Hub;

namespace UmmRm.Data;

/// <summary>
/// PKU-SafeRLHF: a <c>prompt</c> with <c>response_0</c> and <c>response_1</c>, and the number of the one that is more helpful; the number of the
/// safer one is read instead with <c>--columns better_response_id=safer_response_id</c>.
/// </summary>
internal static class PkuSafeRlhf
{
    /// <summary>The published splits, each of three files in this order, one for each model that answered.</summary>
    public static NamedDataSet Set { get; } = new()
    {
        Name = "pku-saferlhf",
        Repository = new HubRepository(HubKind.DataSet, "PKU-Alignment/PKU-SafeRLHF"),
        Published = new Dictionary<string, IReadOnlyList<string>> { ["train"] = Files("train"), ["test"] = Files("test") },
    };

    /// <summary>prompt, response_0, response_1, better_response_id (0 or 1).</summary>
    public static Layout<PreferencePair> Pairs { get; } = new("PKU-SafeRLHF", ["prompt", "response_0", "response_1", "better_response_id"], [], fields => fields.Number("better_response_id") switch
    {
        0 => CheckedPair.Of(fields, fields.Prompt("prompt"), fields.Text("response_0"), fields.Text("response_1")),
        1 => CheckedPair.Of(fields, fields.Prompt("prompt"), fields.Text("response_1"), fields.Text("response_0")),
        var other => throw new BadRowException(BadRowReason.WrongValue, $"{fields.ColumnOf("better_response_id")} is {other}; expected 0 or 1, the response that is preferred"),
    })
    {
        Sides = [("response_0", "response_1")],
    };

    private static IReadOnlyList<string> Files(string split) => [.. ((string[])["Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B"]).Select(model => $"data/{model}/{split}")];
}
