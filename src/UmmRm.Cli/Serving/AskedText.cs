using UmmRm.Data;

namespace UmmRm.Cli.Serving;

/// <summary>One thing that a request wants scored: a text, token ids, or a prompt with its response. Exactly one of the three is there.</summary>
internal sealed record AskedText
{
    /// <summary>A text that stands alone.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the tokenizer's post-processor goes around <see cref="Text"/>; false where the client's text carries its special tokens already.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Token ids, special tokens included.</summary>
    public int[]? Ids { get; init; }

    /// <summary>A prompt with its response, rendered by the model's template.</summary>
    public Completion? Completion { get; init; }
}
