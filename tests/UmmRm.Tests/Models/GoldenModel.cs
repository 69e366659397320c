using System.Text.Json;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Models;

/// <summary>The tiny reference models, built without the product's own checkpoint reader.</summary>
internal static class GoldenModel
{
    public static readonly string[] Names = ["llama-gqa", "llama-head-dim", "llama3-rope", "qwen2-tied", "qwen2-untied", "neox-parallel", "neox-sequential"];

    public static ModelConfig Config(string name, MoeConfig? moe = null)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.Golden("models", name, "rm", "config.json")));
        var c = json.RootElement;
        var rope = c.GetProperty("rope_parameters");
        int Int(string key, int otherwise = 0) => c.TryGetProperty(key, out var v) && v.ValueKind == JsonValueKind.Number ? v.GetInt32() : otherwise;
        var neox = c.GetProperty("model_type").GetString() == "gpt_neox";
        var qwen = c.GetProperty("model_type").GetString() == "qwen2";
        var heads = Int("num_attention_heads");
        return new ModelConfig
        {
            Family = neox ? ModelFamily.GptNeoX : qwen ? ModelFamily.Qwen2 : ModelFamily.Llama,
            VocabSize = Int("vocab_size"),
            HiddenSize = Int("hidden_size"),
            IntermediateSize = Int("intermediate_size"),
            NumLayers = Int("num_hidden_layers"),
            NumHeads = heads,
            NumKeyValueHeads = Int("num_key_value_heads", heads),
            HeadDim = Int("head_dim", Int("hidden_size") / heads),
            MaxPositions = Int("max_position_embeddings"),
            NormEpsilon = c.GetProperty(neox ? "layer_norm_eps" : "rms_norm_eps").GetDouble(),
            RopeTheta = rope.GetProperty("rope_theta").GetDouble(),
            RotaryFraction = rope.TryGetProperty("partial_rotary_factor", out var part) ? part.GetDouble() : 1,
            RopeScaling = rope.GetProperty("rope_type").GetString() == "llama3"
                ? new Llama3RopeScaling(rope.GetProperty("factor").GetDouble(), rope.GetProperty("low_freq_factor").GetDouble(), rope.GetProperty("high_freq_factor").GetDouble(),
                    rope.GetProperty("original_max_position_embeddings").GetInt32())
                : null,
            Activation = c.GetProperty("hidden_act").GetString() switch { "gelu" => Activation.Gelu, "gelu_new" => Activation.GeluTanh, _ => Activation.Silu },
            ParallelResidual = neox && c.GetProperty("use_parallel_residual").GetBoolean(),
            QueryKeyValueBias = neox || qwen,
            AttentionOutputBias = neox,
            TieWordEmbeddings = c.GetProperty("tie_word_embeddings").GetBoolean(),
            PadTokenId = 0,
            BosTokenId = 1,
            EosTokenIds = [2],
            Moe = moe,
        };
    }

    public static CausalLM LanguageModel(string name, Precision precision = Precision.Float32)
    {
        var model = new CausalLM(Config(name), precision);
        using var weights = new GoldenTensors("models", name, "lm", "model.safetensors");
        Fill(model, weights);
        return model;
    }

    public static RewardModel Reward(string name, Precision precision = Precision.Float32)
    {
        var model = new RewardModel(Config(name), precision);
        using var weights = new GoldenTensors("models", name, "rm", "model.safetensors");
        Fill(model, weights);
        return model;
    }

    public static void Fill(nn.Module model, GoldenTensors weights)
    {
        using var _ = no_grad();
        var filled = new HashSet<string>();
        foreach (var (name, parameter) in model.named_parameters())
        {
            parameter.copy_(weights[name]);
            filled.Add(name);
        }
        Assert.Equal(weights.Names.Order(), filled.Order());
    }

    /// <summary>The same sequences padded on the given side.</summary>
    public static (TokenInput Input, Tensor Mask, Tensor Ends) Batch(GoldenTensors expected, string side)
    {
        var mask = expected[$"{side}.attention_mask"];
        return Batch(expected[$"{side}.input_ids"], mask);
    }

    public static (TokenInput Input, Tensor Mask, Tensor Ends) Batch(Tensor ids, Tensor mask)
    {
        (ids, mask) = (ids.to(ComputeDevice.Current), mask.to(ComputeDevice.Current));
        var t = ids.shape[1];
        var positions = (mask.cumsum(1) - 1).clamp_min(0);
        var causal = ones([t, t], dtype: ScalarType.Bool, device: ids.device).tril();
        var allowed = (causal.unsqueeze(0) & mask.to_type(ScalarType.Bool).unsqueeze(1)) | eye(t, dtype: ScalarType.Bool, device: ids.device).unsqueeze(0);
        var ends = (mask * arange(t, device: ids.device).unsqueeze(0)).amax([1], keepdim: true); // [b, 1]
        return (new TokenInput(ids, positions, allowed), mask, ends);
    }

    public static RewardModel Mixture(GoldenTensors file, string trunk, int k, double alpha)
    {
        var model = new RewardModel(Config(trunk, new MoeConfig { NumExperts = 8, TopK = k, SharedExpertWeight = alpha }));
        using var dense = new GoldenTensors("models", trunk, "rm", "model.safetensors");
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(name.Contains(".mlp.", StringComparison.Ordinal) ? file[MixtureName(name, model)] : dense[name]);
        return model;
    }

    /// <summary>The reference files call a mixture's tensors layers.i.experts.j.*, without the trunk's prefix and .mlp.</summary>
    public static string MixtureName(string name, RewardModel model) =>
        name.Contains(".mlp.", StringComparison.Ordinal) ? name[(model.Decoder.Prefix.Length + 1)..].Replace(".mlp.", ".", StringComparison.Ordinal) : name;

    /// <summary>Rows 2i chosen and 2i+1 rejected, as pairs of ids without padding.</summary>
    public static List<EncodedPair> Pairs(Tensor ids, Tensor mask)
    {
        var rows = Enumerable.Range(0, (int)ids.shape[0]).Select(row => ids[row].data<long>().Take((int)mask[row].sum().item<long>()).Select(id => (int)id).ToArray()).ToList();
        return [.. Enumerable.Range(0, rows.Count / 2).Select(i => new EncodedPair(rows[2 * i], rows[2 * i + 1], i))];
    }
}
