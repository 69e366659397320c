using UmmRm.Data;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Worlds;

/// <summary>
/// The programmatic gold reward of the built-in world: it reads a prompt and a response back from their texts and computes what the
/// response is worth. Any response gets a score; a prompt must be one of the world's.
/// </summary>
public sealed class GoldReward : IRewardFunction
{
    /// <inheritdoc/>
    public string Name => "gold";

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A prompt is not one of the world's; the message names the completion's index.</exception>
    public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) =>
        [.. Explain(completions, cancellation).Select(score => score.Total)];

    /// <summary>The same scores with their parts, in the completions' order.</summary>
    /// <exception cref="InvalidDataException">A prompt is not one of the world's; the message names the completion's index.</exception>
    public static IReadOnlyList<GoldScore> Explain(IReadOnlyList<Completion> completions, CancellationToken cancellation = default)
    {
        var scores = new GoldScore[completions.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            scores[i] = GoldScore.Of(Read(completions[i].Prompt, i), completions[i].Response, completions[i].Ended);
        }
        return scores;
    }

    private static WorldInstruction Read(Conversation prompt, int index)
    {
        if (prompt.Turns is not [{ Role: "user" } turn] || !string.IsNullOrEmpty(prompt.Input))
            throw new InvalidDataException($"completion {index}: its prompt has {prompt.Turns.Count} turns{(string.IsNullOrEmpty(prompt.Input) ? "" : " and an input")}; the built-in world's gold reward judges answers to one user turn without an input");
        return WorldInstruction.TryParse(turn.Content, out var instruction)
            ? instruction
            : throw new InvalidDataException($"completion {index}: its prompt is \"{turn.Content}\"; the built-in world's gold reward judges answers to the world's own instructions only, such as \"list 3 colors\"");
    }
}
