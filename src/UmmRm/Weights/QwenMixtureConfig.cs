using System.Text.Json.Nodes;
using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>The config.json of a mixture in Qwen2-MoE's words, written and read.</summary>
internal static class QwenMixtureConfig
{
    /// <summary>The model type.</summary>
    public const string ModelType = "qwen2_moe";

    /// <summary>Keys that a dense model's file does not have.</summary>
    public static IReadOnlyList<string> OwnKeys { get; } =
    [
        "decoder_sparse_step", "mlp_only_layers", "moe_intermediate_size", "norm_topk_prob", "num_experts", "num_experts_per_tok", "output_router_logits", "qkv_bias", "router_aux_loss_coef",
        "shared_expert_intermediate_size", "sliding_window",
    ];

    /// <summary>The configuration of a mixture, in the words of transformers 5, with transformers 4's words for the rotary embedding beside them: who knows only those would take another base silently.</summary>
    public static JsonObject Write(ModelConfig mixture)
    {
        QwenMixture.Require(mixture);
        var moe = mixture.Moe!;
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("Qwen2MoeForSequenceClassification"),
            ["attention_dropout"] = JsonText.Float(0),
            ["bos_token_id"] = mixture.BosTokenId,
            ["decoder_sparse_step"] = 1,
            ["eos_token_id"] = mixture.EosTokenIds.Count switch { 0 => null, 1 => mixture.EosTokenIds[0], _ => new JsonArray([.. mixture.EosTokenIds.Select(id => JsonValue.Create(id))]) },
            ["hidden_act"] = "silu",
            ["hidden_size"] = mixture.HiddenSize,
            ["id2label"] = new JsonObject { ["0"] = "LABEL_0" },
            ["initializer_range"] = JsonText.Float(0.02),
            ["intermediate_size"] = mixture.IntermediateSize,
            ["label2id"] = new JsonObject { ["LABEL_0"] = 0 },
            ["layer_types"] = new JsonArray([.. Enumerable.Repeat("full_attention", mixture.NumLayers).Select(type => JsonValue.Create(type))]),
            ["max_position_embeddings"] = mixture.MaxPositions,
            ["max_window_layers"] = 28,
            ["mlp_only_layers"] = new JsonArray(),
            ["model_type"] = ModelType,
            ["moe_intermediate_size"] = mixture.IntermediateSize,
            ["norm_topk_prob"] = true,
            ["num_attention_heads"] = mixture.NumHeads,
            ["num_experts"] = moe.RoutedExperts,
            ["num_experts_per_tok"] = moe.TopK,
            ["num_hidden_layers"] = mixture.NumLayers,
            ["num_key_value_heads"] = mixture.NumKeyValueHeads,
            ["num_labels"] = 1,
            ["output_router_logits"] = false,
            ["pad_token_id"] = mixture.PadTokenId,
            ["problem_type"] = "regression",
            ["qkv_bias"] = true,
            ["rms_norm_eps"] = JsonText.Float(mixture.NormEpsilon),
            ["rope_parameters"] = Rope(mixture),
            ["rope_theta"] = JsonText.Float(mixture.RopeTheta),
            ["router_aux_loss_coef"] = JsonText.Float(0.001),
            ["shared_expert_intermediate_size"] = mixture.IntermediateSize,
            ["sliding_window"] = 0,
            ["tie_word_embeddings"] = mixture.TieWordEmbeddings,
            ["use_cache"] = true,
            ["use_sliding_window"] = false,
            ["vocab_size"] = mixture.VocabSize,
        };
        if (mixture.RopeScaling is not null)
            json["rope_scaling"] = Rope(mixture);
        return json;
    }

    /// <summary>The mixture that such a file describes; alpha is 1/2, because the weights hold the rest.</summary>
    /// <exception cref="InvalidDataException">It asks for what a mixture of ours cannot express.</exception>
    public static MoeConfig Read(ConfigKeys keys)
    {
        var width = keys.Int("moe_intermediate_size");
        if (keys.Int("shared_expert_intermediate_size") != width)
            throw keys.Wrong("shared_expert_intermediate_size", $"moe_intermediate_size, which is {width}: shared and routed experts of one width, as export writes them");
        if (!keys.Bool("norm_topk_prob", false))
            throw keys.Wrong("norm_topk_prob", "true: the gates of the chosen experts sum to 1, as export writes it");
        if ((keys.OptionalInt("decoder_sparse_step") ?? 1) != 1)
            throw keys.Wrong("decoder_sparse_step", "1: a mixture in every layer");
        if (keys.Ids("mlp_only_layers").Count > 0)
            throw keys.Wrong("mlp_only_layers", "an empty list: a mixture in every layer");
        if (!keys.Bool("qkv_bias", true))
            throw keys.Wrong("qkv_bias", "true");
        return new MoeConfig { NumExperts = keys.Int("num_experts") + 1, TopK = keys.Int("num_experts_per_tok"), SharedExpertWeight = 0.5 };
    }

    private static JsonObject Rope(ModelConfig mixture)
    {
        var rope = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = JsonText.Float(mixture.RopeTheta) };
        if (mixture.RopeScaling is { } scaling)
        {
            rope["rope_type"] = "llama3";
            rope["factor"] = JsonText.Float(scaling.Factor);
            rope["high_freq_factor"] = JsonText.Float(scaling.HighFrequencyFactor);
            rope["low_freq_factor"] = JsonText.Float(scaling.LowFrequencyFactor);
            rope["original_max_position_embeddings"] = scaling.OriginalMaxPositions;
        }
        return rope;
    }
}
