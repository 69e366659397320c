using UmmRm.Models;

namespace UmmRm.Tests.Recipes;

/// <summary>The paper's base models as their published config.json describes them.</summary>
internal static class PublishedModels
{
    public static ModelConfig Config(string name) => name switch
    {
        "tinyllama" => Make(ModelFamily.Llama, 32_000, 2048, 5632, 22, 32, 4, 64, tied: false),
        "qwen2.5-0.5b" => Make(ModelFamily.Qwen2, 151_936, 896, 4864, 24, 14, 2, 64, tied: true),
        "qwen2.5-1.5b" => Make(ModelFamily.Qwen2, 151_936, 1536, 8960, 28, 12, 2, 128, tied: true),
        "pythia-1.4b" => Make(ModelFamily.GptNeoX, 50_304, 2048, 8192, 24, 16, 16, 128, tied: false),
        _ => throw new ArgumentException(name),
    };

    /// <summary>The part of config.json that says how large the model is, in transformers 4's words.</summary>
    public static string ConfigJson(string name)
    {
        var c = Config(name);
        var (type, architecture) = c.Family switch
        {
            ModelFamily.Qwen2 => ("qwen2", "Qwen2ForCausalLM"),
            ModelFamily.GptNeoX => ("gpt_neox", "GPTNeoXForCausalLM"),
            _ => ("llama", "LlamaForCausalLM"),
        };
        var (bos, eos) = name switch { "tinyllama" => (1, 2), "pythia-1.4b" => (0, 0), _ => (151_643, 151_643) };
        return $$"""
            { "model_type": "{{type}}", "architectures": ["{{architecture}}"], "vocab_size": {{c.VocabSize}}, "hidden_size": {{c.HiddenSize}}, "intermediate_size": {{c.IntermediateSize}},
              "num_hidden_layers": {{c.NumLayers}}, "num_attention_heads": {{c.NumHeads}}, "num_key_value_heads": {{c.NumKeyValueHeads}}, "max_position_embeddings": 2048,
              "tie_word_embeddings": {{(c.TieWordEmbeddings ? "true" : "false")}}, "torch_dtype": "bfloat16", "bos_token_id": {{bos}}, "eos_token_id": {{eos}},
              "hidden_act": "{{(c.Family == ModelFamily.GptNeoX ? "gelu" : "silu")}}", "rms_norm_eps": 1e-5, "layer_norm_eps": 1e-5, "rotary_pct": 0.25, "use_parallel_residual": true }
            """;
    }

    public static ModelConfig Make(ModelFamily family, int vocabulary, int hidden, int width, int layers, int heads, int keyValueHeads, int headDim, bool tied) => new()
    {
        Family = family,
        VocabSize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = width,
        NumLayers = layers,
        NumHeads = heads,
        NumKeyValueHeads = keyValueHeads,
        HeadDim = headDim,
        MaxPositions = 2048,
        TieWordEmbeddings = tied,
        QueryKeyValueBias = family != ModelFamily.Llama,
        AttentionOutputBias = family == ModelFamily.GptNeoX,
    };
}
