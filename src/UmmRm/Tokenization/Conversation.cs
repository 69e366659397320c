namespace UmmRm.Tokenization;

/// <summary>One turn: who speaks (<c>system</c>, <c>user</c>, <c>assistant</c>, ...) and what is said.</summary>
public sealed record Message(string Role, string Content);

/// <summary>
/// What a response answers: one or more turns, the last of them not the assistant's. A plain prompt is one user turn.
/// </summary>
/// <param name="Turns">The turns in order; at least one.</param>
/// <param name="Input">Alpaca's optional second field, the material that the instruction speaks about; null or empty when there is none.</param>
public sealed record Conversation(IReadOnlyList<Message> Turns, string? Input = null)
{
    /// <summary>A plain prompt: one user turn.</summary>
    public static Conversation FromPrompt(string prompt) => new([new Message("user", prompt)]);
}
