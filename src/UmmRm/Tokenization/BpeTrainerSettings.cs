namespace UmmRm.Tokenization;

/// <summary>What a byte-level BPE tokenizer is to become.</summary>
public sealed record BpeTrainerSettings
{
    /// <summary>Number of tokens: special tokens, 256 bytes and merges. Fewer when the text has no more pairs to merge.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>A pair is merged only when it occurs at least so often; 0 and 1 mean that every pair may be.</summary>
    public int MinFrequency { get; init; }

    /// <summary>Tokens that are never split; they get the first ids, in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>The token that ends a text (eos_token). It, the padding token and the one that begins a text follow <see cref="SpecialTokens"/> unless they are among them.</summary>
    public string? EndToken { get; init; }

    /// <summary>The token that fills up short rows (pad_token).</summary>
    public string? PadToken { get; init; }

    /// <summary>The token that begins a text (bos_token); the tokenizer then puts it before every text. Null: there is none.</summary>
    public string? BeginToken { get; init; }

    /// <summary>All special tokens in the order of their ids, each once.</summary>
    internal List<string> AllSpecialTokens => [.. SpecialTokens.Concat(new[] { EndToken, PadToken, BeginToken }.OfType<string>()).Distinct()];

    /// <summary>Throws when the settings cannot be met.</summary>
    /// <exception cref="ArgumentException">A special token is empty, the padding token ends texts too, or the minimum frequency is negative.</exception>
    internal void Check()
    {
        if (AllSpecialTokens.Contains(""))
            throw new ArgumentException("a special token is empty; give it a text such as <|endoftext|>");
        if (PadToken is not null && PadToken == EndToken)
            throw new ArgumentException($"the padding token and the end token are both '{PadToken}'; they must differ, or padding would hide where a text ends");
        if (MinFrequency < 0)
            throw new ArgumentException($"the minimum frequency is {MinFrequency}; it must be 0 or more");
    }
}
