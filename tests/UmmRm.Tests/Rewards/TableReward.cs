using UmmRm.Data;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Rewards;

/// <summary>A reward function that looks a response up among given scores.</summary>
internal sealed class TableReward(string name, params (string Response, double Score)[] table) : IRewardFunction
{
    public string Name => name;

    public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) =>
        [.. completions.Select(completion => table.First(row => row.Response == completion.Response).Score)];

    /// <summary>Responses named "0", "1", ... to one prompt, scored as given.</summary>
    public static TableReward Of(string name, params double[] scores) => new(name, [.. scores.Select((score, i) => ($"{i}", score))]);

    public static Completion[] Responses(int count) => [.. Enumerable.Range(0, count).Select(i => new Completion(Conversation.FromPrompt("p"), $"{i}"))];
}
