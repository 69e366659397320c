using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>Prompts are equal when their turns and inputs are, text for text.</summary>
public sealed class PromptComparer : IEqualityComparer<Conversation>
{
    /// <summary>The one instance.</summary>
    public static PromptComparer Instance { get; } = new();

    /// <inheritdoc/>
    public bool Equals(Conversation? x, Conversation? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && (x.Input ?? "") == (y.Input ?? "") && x.Turns.SequenceEqual(y.Turns));

    /// <inheritdoc/>
    public int GetHashCode(Conversation prompt)
    {
        var hash = new HashCode();
        hash.Add(prompt.Input ?? "");
        foreach (var turn in prompt.Turns)
            hash.Add(turn);
        return hash.ToHashCode();
    }
}
