#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using UmmRm.Models;

namespace UmmRm.Recipes;

/// <summary>The number format of a checkpoint's tensors.</summary>
public enum StorageType
{
    /// <summary>32 bits a value.</summary>
    Float32,

    /// <summary>16 bits a value, with float32's range.</summary>
    BFloat16,
}

/// <summary>A language model with random weights.</summary>
[StageKind("init", "Writes a language model with random weights; its keys are config.json's.")]
public sealed record InitStage : Stage
{
    [Setting("The tokenizer that travels with the model and names its special tokens.", Accepts = Artifact.Tokenizer)]
    public required InputReference Tokenizer { get; init; }

    [Setting("Family of layers and checkpoint names: llama, qwen2 or gpt_neox.")]
    public ModelFamily Architecture { get; init; } = ModelFamily.Llama;

    [Setting("Rows of the embedding matrix. null: as many as the tokenizer has tokens.", Unit = "tokens", Minimum = 1)]
    public int? VocabSize { get; init; }

    [Setting("Width of the residual stream.", Minimum = 1)]
    public required int HiddenSize { get; init; }

    [Setting("Width of a feed-forward block.", Minimum = 1)]
    public required int IntermediateSize { get; init; }

    [Setting("Decoder layers.", Minimum = 1)]
    public required int NumHiddenLayers { get; init; }

    [Setting("Query heads.", Minimum = 1)]
    public required int NumAttentionHeads { get; init; }

    [Setting("Key and value heads; must divide num_attention_heads. null: as many.", Minimum = 1)]
    public int? NumKeyValueHeads { get; init; }

    [Setting("Width of one head. null: hidden_size / num_attention_heads.", Minimum = 2)]
    public int? HeadDim { get; init; }

    [Setting("The longest text the model is made for.", Unit = "tokens", Minimum = 1)]
    public int MaxPositionEmbeddings { get; init; } = 1024;

    [Setting("Epsilon of the norms.", Above = 0)]
    public double NormEpsilon { get; init; } = 1e-5;

    [Setting("Base of the rotary frequencies.", Above = 1)]
    public double RopeTheta { get; init; } = 10_000;

    [Setting("Share of a head's width that is rotated. null: 1, and 0.25 for gpt_neox.", Above = 0, Maximum = 1)]
    public double? PartialRotaryFactor { get; init; }

    [Setting("Whether the LM head shares the embedding matrix.")]
    public bool TieWordEmbeddings { get; init; }

    [Setting("Standard deviation of the random weights; biases start at 0, norms at 1.", Above = 0)]
    public double InitializerRange { get; init; } = 0.02;

    [Setting("Number format of the stored weights.")]
    public StorageType Dtype { get; init; } = StorageType.Float32;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } = [new("", Artifact.Policy)];

    /// <summary>The architecture for a tokenizer with that many tokens; special tokens are the tokenizer's matter.</summary>
    public ModelConfig ToModelConfig(int tokens) => new()
    {
        Family = Architecture,
        VocabSize = VocabSize ?? tokens,
        HiddenSize = HiddenSize,
        IntermediateSize = IntermediateSize,
        NumLayers = NumHiddenLayers,
        NumHeads = NumAttentionHeads,
        NumKeyValueHeads = NumKeyValueHeads ?? NumAttentionHeads,
        HeadDim = HeadDim ?? HiddenSize / NumAttentionHeads,
        MaxPositions = MaxPositionEmbeddings,
        NormEpsilon = NormEpsilon,
        RopeTheta = RopeTheta,
        RotaryFraction = PartialRotaryFactor ?? (Architecture == ModelFamily.GptNeoX ? 0.25 : 1),
        Activation = Architecture == ModelFamily.GptNeoX ? Activation.Gelu : Activation.Silu,
        ParallelResidual = Architecture == ModelFamily.GptNeoX,
        QueryKeyValueBias = Architecture is ModelFamily.Qwen2 or ModelFamily.GptNeoX,
        AttentionOutputBias = Architecture == ModelFamily.GptNeoX,
        TieWordEmbeddings = TieWordEmbeddings,
    };

    internal override void CheckTogether()
    {
        if (HeadDim is null && HiddenSize % NumAttentionHeads != 0)
            throw new ArgumentException($"num_attention_heads is {NumAttentionHeads}; it must divide hidden_size, which is {HiddenSize}, or head_dim must be given");
        if (Architecture == ModelFamily.GptNeoX && NumKeyValueHeads is { } keyValue && keyValue != NumAttentionHeads)
            throw new ArgumentException($"num_key_value_heads is {keyValue}; gpt_neox has as many as num_attention_heads, which is {NumAttentionHeads}");
        ToModelConfig(tokens: 1).Validate();
    }
}
