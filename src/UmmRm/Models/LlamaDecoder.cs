using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>The trunk of Llama (Llama 2, Llama 3, TinyLlama) and Qwen2 (Qwen2.5): pre-norm, RMSNorm, rotary attention, SwiGLU.</summary>
public sealed class LlamaDecoder : Decoder
{
    /// <summary>A trunk with uninitialised parameters of the given type.</summary>
    public LlamaDecoder(ModelConfig config, ScalarType type) : base(nameof(LlamaDecoder), config)
    {
        var embedding = new TokenEmbedding(config, type);
        Embedding = embedding.Weight;
        Layers = [.. Enumerable.Range(0, config.NumLayers).Select(i => new LlamaLayer(config, i, type))];
        FinalNorm = new RmsNorm(config.HiddenSize, config.NormEpsilon, type);
        register_module("embed_tokens", embedding);
        register_module("layers", new NumberedModules(Layers));
        register_module("norm", FinalNorm);
    }

    /// <inheritdoc/>
    public override string Prefix => "model";

    internal override DecoderLayer NewLayer(int index) => new LlamaLayer(Config, index, Embedding.dtype);

    internal override Normalization NewFinalNorm() => new RmsNorm(Config.HiddenSize, Config.NormEpsilon, Embedding.dtype);

    private sealed class LlamaLayer : DecoderLayer
    {
        private readonly RmsNorm _beforeAttention;
        private readonly RmsNorm _beforeFeedForward;
        private readonly LlamaAttention _attention;

        public LlamaLayer(ModelConfig config, int index, ScalarType type) : base(nameof(LlamaLayer), index)
        {
            _beforeAttention = new RmsNorm(config.HiddenSize, config.NormEpsilon, type);
            _beforeFeedForward = new RmsNorm(config.HiddenSize, config.NormEpsilon, type);
            _attention = new LlamaAttention(config, index, type);
            FeedForward = config.Moe is null ? DenseFeedForward.Create(config, type) : new SharedExpertMoe(config, type);
            register_module("self_attn", _attention);
            register_module("mlp", FeedForward);
            register_module("input_layernorm", _beforeAttention);
            register_module("post_attention_layernorm", _beforeFeedForward);
        }

        public override Residual Forward(Residual x, ForwardContext context, Readout? readout)
        {
            using var scope = NewDisposeScope();
            var (stream, input) = _beforeAttention.Forward(x, context);
            var attended = _attention.Forward(input, context, readout);
            (stream, input) = _beforeFeedForward.Forward(new Residual(readout?.Pick(stream) ?? stream, attended), context);
            return new Residual(stream, FeedForward.Forward(input, Index, context)).MoveToOuterDisposeScope();
        }
    }

    private sealed class LlamaAttention : Component
    {
        private readonly int _headWidth;
        private readonly int _layer;
        private readonly Projection _query;
        private readonly Projection _key;
        private readonly Projection _value;
        private readonly Projection _output;

        public LlamaAttention(ModelConfig config, int layer, ScalarType type) : base(nameof(LlamaAttention))
        {
            (_headWidth, _layer) = (config.HeadDim, layer);
            var (d, q, kv) = (config.HiddenSize, config.NumHeads * config.HeadDim, config.NumKeyValueHeads * config.HeadDim);
            _query = new Projection(d, q, config.QueryKeyValueBias, type);
            _key = new Projection(d, kv, config.QueryKeyValueBias, type);
            _value = new Projection(d, kv, config.QueryKeyValueBias, type);
            _output = new Projection(q, d, config.AttentionOutputBias, type);
            register_module("q_proj", _query);
            register_module("k_proj", _key);
            register_module("v_proj", _value);
            register_module("o_proj", _output);
        }

        public Tensor Forward(Tensor x, ForwardContext context, Readout? readout)
        {
            using var scope = NewDisposeScope();
            var query = _query.Forward(readout?.Asking(x) ?? x, context);          // [b, t or n, h hd]
            var mixed = Attention.Forward(query, _key.Forward(x, context), _value.Forward(x, context), _headWidth, _layer, context, readout);
            return _output.Forward(readout?.Answered(mixed) ?? mixed, context).MoveToOuterDisposeScope();
        }
    }
}
