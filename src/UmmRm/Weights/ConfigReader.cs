using System.Text.Json.Nodes;
using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>config.json -> <see cref="ModelConfig"/>, in the words of transformers 4 and 5, with transformers' own defaults for absent keys.</summary>
/// <remarks>What would change the forward pass and is not supported is an error, never ignored.</remarks>
internal static class ConfigReader
{
    /// <summary>The model type of an unmerged mixture: unknown to transformers, so that it cannot load one with random feed-forward blocks.</summary>
    public const string MixtureType = "umm_moe";

    /// <summary>OpenAssistant's reward models: GPT-NeoX with <c>out_proj</c> and <c>pooling</c>.</summary>
    public const string OpenAssistantType = "gpt_neox_reward_model";

    /// <summary>Reads the architecture.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="where">What messages call it: the file's path.</param>
    /// <exception cref="InvalidDataException">A key is missing, wrong, or asks for something that is not supported.</exception>
    public static ModelConfig Read(JsonObject json, string where)
    {
        var keys = new ConfigKeys(json, where);
        if (keys.Has("quantization_config"))
            throw new InvalidDataException($"{where}: quantization_config is set; quantised weights are not supported: use the original checkpoint in float32, bfloat16 or float16");
        var type = keys.OptionalText("model_type");
        var moe = type switch { MixtureType => ReadMixture(keys), QwenMixtureConfig.ModelType => QwenMixtureConfig.Read(keys), _ => null };
        var config = Family(keys, type == MixtureType ? "base_model_type" : "model_type") switch
        {
            ModelFamily.GptNeoX => ReadNeoX(keys),
            var family => ReadLlama(keys, family),
        };
        config = config with { Moe = moe };
        if (type == QwenMixtureConfig.ModelType)
            config = config with { IntermediateSize = keys.Int("moe_intermediate_size") };
        try
        {
            config.Validate();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{where}: {e.Message}", e);
        }
        return config;
    }

    private static ModelFamily Family(ConfigKeys keys, string key) => keys.OptionalText(key) switch
    {
        "llama" => ModelFamily.Llama,
        "qwen2" or QwenMixtureConfig.ModelType => ModelFamily.Qwen2,
        "gpt_neox" or OpenAssistantType => ModelFamily.GptNeoX,
        _ => throw keys.Wrong(key, $"one of the supported architectures: llama (Llama, TinyLlama), qwen2 (Qwen2, Qwen2.5), gpt_neox (GPT-NeoX, Pythia){(key == "model_type" ? $", {MixtureType} (a mixture made by upcycling)" : "")}"),
    };

    private static MoeConfig ReadMixture(ConfigKeys keys)
    {
        var moe = keys.OptionalObject("moe") ?? throw keys.Wrong("moe", "an object with num_experts, top_k and shared_expert_weight");
        moe.AllowOnly("num_experts", "top_k", "shared_expert_weight");
        return new MoeConfig { NumExperts = moe.Int("num_experts"), TopK = moe.Int("top_k"), SharedExpertWeight = moe.Double("shared_expert_weight") };
    }

    private static ModelConfig ReadLlama(ConfigKeys keys, ModelFamily family)
    {
        var qwen = family == ModelFamily.Qwen2;
        var attentionBias = !qwen && keys.Bool("attention_bias", false);
        if (keys.Bool("mlp_bias", false))
            throw keys.Wrong("mlp_bias", "false: feed-forward biases are not supported in this architecture");
        if (qwen)
            RequireFullAttention(keys);
        var rope = RopeKeys.Read(keys, "rope_theta", 1, null);
        if (rope.Fraction != 1)
            throw keys.Wrong("partial_rotary_factor", "1: this architecture rotates whole heads");
        return Common(keys, rope) with
        {
            Family = family,
            NumKeyValueHeads = qwen && keys.Absent("num_key_value_heads") ? 32 : keys.OptionalInt("num_key_value_heads") ?? keys.Int("num_attention_heads"),
            HeadDim = keys.OptionalInt("head_dim") ?? DividedHeadDim(keys),
            MaxPositions = keys.OptionalInt("max_position_embeddings") ?? (qwen ? 32768 : 2048),
            NormEpsilon = keys.OptionalDouble("rms_norm_eps") ?? 1e-6,
            Activation = keys.OptionalText("hidden_act") is null or "silu" or "swish" ? Activation.Silu : throw keys.Wrong("hidden_act", "silu"),
            QueryKeyValueBias = qwen || attentionBias,
            AttentionOutputBias = attentionBias,
            BosTokenId = keys.Absent("bos_token_id") && !qwen ? 1 : keys.OptionalInt("bos_token_id"),
            EosTokenIds = keys.Absent("eos_token_id") && !qwen ? [2] : keys.Ids("eos_token_id"),
        };
    }

    private static ModelConfig ReadNeoX(ConfigKeys keys)
    {
        var bias = keys.Bool("attention_bias", true);
        return Common(keys, RopeKeys.Read(keys, "rotary_emb_base", 0.25, "rotary_pct")) with
        {
            Family = ModelFamily.GptNeoX,
            NumKeyValueHeads = keys.Int("num_attention_heads"),
            HeadDim = DividedHeadDim(keys),
            MaxPositions = keys.OptionalInt("max_position_embeddings") ?? 2048,
            NormEpsilon = keys.OptionalDouble("layer_norm_eps") ?? 1e-5,
            Activation = keys.OptionalText("hidden_act") switch
            {
                null or "gelu" => Activation.Gelu,
                "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => Activation.GeluTanh,
                _ => throw keys.Wrong("hidden_act", "gelu, gelu_new, gelu_fast or gelu_pytorch_tanh"),
            },
            ParallelResidual = keys.Bool("use_parallel_residual", true),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MeanPooling = keys.OptionalText("model_type") == OpenAssistantType && (keys.OptionalText("pooling") ?? "last") switch
            {
                "mean" => true,
                "last" => false,
                _ => throw keys.Wrong("pooling", "mean or last"),
            },
            BosTokenId = keys.Absent("bos_token_id") ? 0 : keys.OptionalInt("bos_token_id"),
            EosTokenIds = keys.Absent("eos_token_id") ? [2] : keys.Ids("eos_token_id"),
        };
    }

    /// <summary>What all families share; the rest is filled in by the caller.</summary>
    private static ModelConfig Common(ConfigKeys keys, RopeKeys rope) => new()
    {
        Family = default,
        VocabSize = keys.Int("vocab_size"),
        HiddenSize = keys.Int("hidden_size"),
        IntermediateSize = keys.Int("intermediate_size"),
        NumLayers = keys.Int("num_hidden_layers"),
        NumHeads = keys.Int("num_attention_heads"),
        NumKeyValueHeads = 0,
        HeadDim = 0,
        MaxPositions = 0,
        RopeTheta = rope.Theta,
        RotaryFraction = rope.Fraction,
        RopeScaling = rope.Scaling,
        TieWordEmbeddings = keys.Bool("tie_word_embeddings", false),
        PadTokenId = keys.OptionalInt("pad_token_id") is >= 0 and var pad ? pad : null, // -1 is an older way to say none
    };

    private static int DividedHeadDim(ConfigKeys keys)
    {
        var (hidden, heads) = (keys.Int("hidden_size"), keys.Int("num_attention_heads"));
        return heads > 0 && hidden % heads == 0 ? hidden / heads : throw keys.Wrong("num_attention_heads", $"a divisor of hidden_size, which is {hidden}");
    }

    /// <summary>A sliding window is allowed only where no position ever lies outside it.</summary>
    private static void RequireFullAttention(ConfigKeys keys)
    {
        var positions = keys.OptionalInt("max_position_embeddings") ?? 32768;
        var window = keys.Absent("sliding_window") ? 4096 : keys.OptionalInt("sliding_window");
        if (keys.Bool("use_sliding_window", false) && window < positions)
            throw keys.Wrong("use_sliding_window", $"false, or a sliding_window of at least max_position_embeddings ({positions}): sliding-window attention is not supported");
    }
}
