#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Trains a byte-level BPE tokenizer.</summary>
[StageKind("tokenizer", "Trains a byte-level BPE tokenizer on the texts of data sets.")]
public sealed record TokenizerStage : Stage
{
    [Setting("Where the texts are: one data set or a list; every text column counts.", Accepts = Artifact.AnyText)]
    public required IReadOnlyList<DataInput> Data { get; init; }

    [Setting("Size of the vocabulary: special tokens, 256 bytes and merges.", Unit = "tokens", Minimum = 258)]
    public int VocabSize { get; init; } = 8192;

    [Setting("The token that fills up short rows.")]
    public string PadToken { get; init; } = "<|pad|>";

    [Setting("The token that ends a text.")]
    public string EosToken { get; init; } = "<|endoftext|>";

    [Setting("The token that begins a text. null: there is none.")]
    public string? BosToken { get; init; }

    [Setting("Further tokens that are never split.")]
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Tokenizer)];

    internal override void CheckTogether()
    {
        if (Data.Count == 0)
            throw new ArgumentException("data is an empty list; a tokenizer is trained on at least one data set");
        if (PadToken == EosToken)
            throw new ArgumentException($"pad_token and eos_token are both '{PadToken}'; they must differ, or padding would hide where a text ends");
    }
}
