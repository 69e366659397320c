using System.Text.Json.Nodes;
using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary><see cref="ModelConfig"/> -> a whole config.json in the words of transformers 4, which transformers 5 reads too; for models made from scratch.</summary>
internal static class ConfigWriter
{
    /// <summary>The name of a family under <c>model_type</c>.</summary>
    public static string TypeName(ModelFamily family) => family switch
    {
        ModelFamily.Llama => "llama",
        ModelFamily.Qwen2 => "qwen2",
        _ => "gpt_neox",
    };

    /// <summary>The class that transformers loads, for example <c>LlamaForCausalLM</c>.</summary>
    public static string ClassName(ModelFamily family, string task) => family switch
    {
        ModelFamily.Llama => "Llama",
        ModelFamily.Qwen2 => "Qwen2",
        _ => "GPTNeoX",
    } + task;

    /// <summary>The configuration of a dense causal language model of this shape, stored in float32.</summary>
    public static JsonObject Write(ModelConfig model)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(ClassName(model.Family, "ForCausalLM")),
            ["attention_dropout"] = JsonText.Float(0),
            ["bos_token_id"] = model.BosTokenId,
            ["eos_token_id"] = model.EosTokenIds.Count switch { 0 => null, 1 => model.EosTokenIds[0], _ => new JsonArray([.. model.EosTokenIds.Select(id => JsonValue.Create(id))]) },
            ["hidden_size"] = model.HiddenSize,
            ["initializer_range"] = JsonText.Float(0.02),
            ["intermediate_size"] = model.IntermediateSize,
            ["max_position_embeddings"] = model.MaxPositions,
            ["model_type"] = TypeName(model.Family),
            ["num_attention_heads"] = model.NumHeads,
            ["num_hidden_layers"] = model.NumLayers,
            ["pad_token_id"] = model.PadTokenId,
            ["rope_scaling"] = model.RopeScaling is { } scaling ? Scaling(scaling) : null,
            ["tie_word_embeddings"] = model.TieWordEmbeddings,
            ["torch_dtype"] = "float32",
            ["use_cache"] = true,
            ["vocab_size"] = model.VocabSize,
        };
        foreach (var (key, value) in OwnKeys(model))
            json[key] = value;
        if (model.HeadDim * model.NumHeads != model.HiddenSize)
            json["head_dim"] = model.HeadDim;
        return json;
    }

    private static (string Key, JsonNode? Value)[] OwnKeys(ModelConfig model) => model.Family switch
    {
        ModelFamily.Llama =>
        [
            ("attention_bias", model.QueryKeyValueBias), ("head_dim", model.HeadDim), ("hidden_act", "silu"), ("mlp_bias", false), ("num_key_value_heads", model.NumKeyValueHeads), ("pretraining_tp", 1),
            ("rms_norm_eps", JsonText.Float(model.NormEpsilon)), ("rope_theta", JsonText.Float(model.RopeTheta)),
        ],
        ModelFamily.Qwen2 =>
        [
            ("hidden_act", "silu"), ("max_window_layers", model.NumLayers), ("num_key_value_heads", model.NumKeyValueHeads), ("rms_norm_eps", JsonText.Float(model.NormEpsilon)),
            ("rope_theta", JsonText.Float(model.RopeTheta)), ("sliding_window", null), ("use_sliding_window", false),
        ],
        _ =>
        [
            ("attention_bias", model.QueryKeyValueBias), ("classifier_dropout", JsonText.Float(0)), ("hidden_act", model.Activation == Activation.Gelu ? "gelu" : "gelu_new"), ("hidden_dropout", JsonText.Float(0)),
            ("layer_norm_eps", JsonText.Float(model.NormEpsilon)), ("rotary_emb_base", JsonText.Float(model.RopeTheta)), ("rotary_pct", JsonText.Float(model.RotaryFraction)),
            ("use_parallel_residual", model.ParallelResidual),
        ],
    };

    private static JsonObject Scaling(Llama3RopeScaling scaling) => new()
    {
        ["factor"] = JsonText.Float(scaling.Factor),
        ["high_freq_factor"] = JsonText.Float(scaling.HighFrequencyFactor),
        ["low_freq_factor"] = JsonText.Float(scaling.LowFrequencyFactor),
        ["original_max_position_embeddings"] = scaling.OriginalMaxPositions,
        ["rope_type"] = "llama3",
    };
}
