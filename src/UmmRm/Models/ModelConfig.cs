namespace UmmRm.Models;

/// <summary>A family of decoder-only transformers; the names in checkpoints and the order of operations follow from it.</summary>
public enum ModelFamily
{
    /// <summary>Llama, Llama 2, Llama 3, TinyLlama: RMSNorm, rotary embedding over the whole head, SwiGLU, no biases.</summary>
    Llama,

    /// <summary>Qwen2 and Qwen2.5: Llama with biases on the query, key and value projections.</summary>
    Qwen2,

    /// <summary>GPT-NeoX and Pythia: LayerNorm, partial rotary embedding, GELU, biases, a parallel or sequential residual.</summary>
    GptNeoX,
}

/// <summary>The activation function of a feed-forward block, under the names that config.json uses for it.</summary>
public enum Activation
{
    /// <summary>x * sigmoid(x); <c>silu</c>.</summary>
    Silu,

    /// <summary>Exact GELU with the error function; <c>gelu</c>.</summary>
    Gelu,

    /// <summary>GELU's tanh approximation; <c>gelu_new</c>, <c>gelu_fast</c> and <c>gelu_pytorch_tanh</c>.</summary>
    GeluTanh,
}

/// <summary>Llama 3's rescaling of rotary frequencies for contexts longer than those of pre-training.</summary>
/// <param name="Factor">By how much low frequencies are slowed.</param>
/// <param name="LowFrequencyFactor">Wavelengths above OriginalMaxPositions / this are slowed by the whole factor.</param>
/// <param name="HighFrequencyFactor">Wavelengths below OriginalMaxPositions / this are left alone; between, a linear blend.</param>
/// <param name="OriginalMaxPositions">The context length of pre-training, in tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions);

/// <summary>The shape of a mixture: METHOD's N experts, of which the first is shared and the others are routed.</summary>
/// <remarks>alpha lives here and nowhere else: training, expected gates and merging all read it from the checkpoint's config.json.</remarks>
public sealed record MoeConfig
{
    /// <summary>N, the shared expert included: 8 means 1 shared and 7 routed experts.</summary>
    public required int NumExperts { get; init; }

    /// <summary>k, the routed experts that each token visits besides the shared one: 1 .. N - 1.</summary>
    public required int TopK { get; init; }

    /// <summary>alpha, the fixed gate of the shared expert, in (0, 1); the routed experts share 1 - alpha.</summary>
    public double SharedExpertWeight { get; init; } = 0.5;

    /// <summary>N - 1, the experts that the router chooses from.</summary>
    public int RoutedExperts => NumExperts - 1;

    /// <summary>Throws when the numbers do not make a mixture.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names the key, the value and the range.</exception>
    public void Validate()
    {
        if (NumExperts < 2)
            throw new ArgumentException($"moe.num_experts is {NumExperts}; it must be at least 2: one shared expert and one routed expert");
        if (TopK < 1 || TopK > RoutedExperts)
            throw new ArgumentException($"moe.top_k is {TopK}; with moe.num_experts {NumExperts} it must be 1..{RoutedExperts}, because the shared expert is not routed");
        if (!(SharedExpertWeight > 0 && SharedExpertWeight < 1))
            throw new ArgumentException($"moe.shared_expert_weight is {SharedExpertWeight}; it must lie between 0 and 1, both excluded: the routed experts share what it leaves");
    }
}

/// <summary>Everything about a model's architecture that its forward pass depends on; read from config.json by Weights.</summary>
public sealed record ModelConfig
{
    /// <summary>Which family's layers and checkpoint names apply.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>v, rows of the embedding matrix; often more than the tokenizer has tokens.</summary>
    public required int VocabSize { get; init; }

    /// <summary>d, the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>m, the width of a feed-forward block.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int NumLayers { get; init; }

    /// <summary>h, query heads.</summary>
    public required int NumHeads { get; init; }

    /// <summary>Key and value heads; fewer than <see cref="NumHeads"/> in grouped-query attention. Divides it.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of one head; not always d / h.</summary>
    public required int HeadDim { get; init; }

    /// <summary>The largest number of positions the model was made for, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Epsilon of RMSNorm or LayerNorm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Share of a head's width that is rotated; 1 for Llama and Qwen2.</summary>
    public double RotaryFraction { get; init; } = 1;

    /// <summary>Llama 3's frequency scaling, or null.</summary>
    public Llama3RopeScaling? RopeScaling { get; init; }

    /// <summary>Activation of the feed-forward blocks.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>GPT-NeoX: attention and feed-forward read the same input and are added together.</summary>
    public bool ParallelResidual { get; init; }

    /// <summary>Whether the query, key and value projections have biases (Qwen2, GPT-NeoX).</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias (GPT-NeoX).</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the LM head shares the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>A reward model's score is read from the mean of the hidden states of all tokens instead of the last one's (OpenAssistant's <c>pooling: mean</c>).</summary>
    public bool MeanPooling { get; init; }

    /// <summary>The padding token's id, or null when the checkpoint names none.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>The id that begins a text, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>The ids that end a text; the first is the one appended.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>The mixture, or null for a dense model.</summary>
    public MoeConfig? Moe { get; init; }

    /// <summary>The number of rotated components of a head: an even number.</summary>
    public int RotaryDim => (int)(HeadDim * RotaryFraction);

    /// <summary>Throws when the numbers do not make a model.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names the key, the value and what was expected.</exception>
    public void Validate()
    {
        foreach (var (key, value) in new (string, int)[] { ("vocab_size", VocabSize), ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize), ("num_hidden_layers", NumLayers),
                     ("num_attention_heads", NumHeads), ("num_key_value_heads", NumKeyValueHeads), ("head_dim", HeadDim), ("max_position_embeddings", MaxPositions) })
        {
            if (value < 1)
                throw new ArgumentException($"{key} is {value}; it must be at least 1");
        }
        if (NumHeads % NumKeyValueHeads != 0)
            throw new ArgumentException($"num_key_value_heads is {NumKeyValueHeads}; it must divide num_attention_heads, which is {NumHeads}");
        if (RotaryDim < 2 || RotaryDim > HeadDim || RotaryDim % 2 != 0)
            throw new ArgumentException($"{RotaryDim} of {HeadDim} components of a head would be rotated; it must be an even number from 2 to {HeadDim} (head_dim x partial rotary factor)");
        Moe?.Validate();
    }
}
