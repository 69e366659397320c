namespace UmmRm.Tokenization;

/// <summary>What a tokenizer is made of, whatever file it came from.</summary>
internal sealed record TokenizerParts
{
    public required TokenModel Model { get; init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Whether the contents of added tokens are normalised already, and looked for as they are.</summary>
    public bool AddedTokensAreNormalized { get; init; }

    public TextNormalizer? Normalizer { get; init; }

    /// <summary>null: the whole text is one word.</summary>
    public PreTokenizer? PreTokenizer { get; init; }

    /// <summary>null: tokens are joined with spaces.</summary>
    public TokenDecoder? Decoder { get; init; }

    public IReadOnlyList<int> PrefixIds { get; init; } = [];

    public IReadOnlyList<int> SuffixIds { get; init; } = [];

    /// <summary>How offsets of tokens with spaces are trimmed; null: not at all.</summary>
    public OffsetTrimming? Trimming { get; init; }
}
