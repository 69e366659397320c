using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>The trunk of GPT-NeoX and Pythia: LayerNorm, partly rotated heads, GELU, biases, a parallel or sequential residual.</summary>
public sealed class GptNeoXDecoder : Decoder
{
    /// <summary>A trunk with uninitialised parameters of the given type.</summary>
    public GptNeoXDecoder(ModelConfig config, ScalarType type) : base(nameof(GptNeoXDecoder), config)
    {
        if (config.NumKeyValueHeads != config.NumHeads)
            throw new ArgumentException($"num_key_value_heads is {config.NumKeyValueHeads}; GPT-NeoX has as many as query heads, {config.NumHeads}");
        var embedding = new TokenEmbedding(config, type);
        Embedding = embedding.Weight;
        Layers = [.. Enumerable.Range(0, config.NumLayers).Select(i => new GptNeoXLayer(config, i, type))];
        FinalNorm = new LayerNorm(config.HiddenSize, config.NormEpsilon, type);
        register_module("embed_in", embedding);
        register_module("layers", new NumberedModules(Layers));
        register_module("final_layer_norm", FinalNorm);
    }

    /// <inheritdoc/>
    public override string Prefix => "gpt_neox";

    internal override DecoderLayer NewLayer(int index) => new GptNeoXLayer(Config, index, Embedding.dtype);

    internal override Normalization NewFinalNorm() => new LayerNorm(Config.HiddenSize, Config.NormEpsilon, Embedding.dtype);

    private sealed class GptNeoXLayer : DecoderLayer
    {
        private readonly bool _parallel;
        private readonly LayerNorm _beforeAttention;
        private readonly LayerNorm _beforeFeedForward;
        private readonly GptNeoXAttention _attention;

        public GptNeoXLayer(ModelConfig config, int index, ScalarType type) : base(nameof(GptNeoXLayer), index)
        {
            _parallel = config.ParallelResidual;
            _beforeAttention = new LayerNorm(config.HiddenSize, config.NormEpsilon, type);
            _beforeFeedForward = new LayerNorm(config.HiddenSize, config.NormEpsilon, type);
            _attention = new GptNeoXAttention(config, index, type);
            FeedForward = config.Moe is null ? DenseFeedForward.Create(config, type) : new SharedExpertMoe(config, type);
            register_module("attention", _attention);
            register_module("mlp", FeedForward);
            register_module("input_layernorm", _beforeAttention);
            register_module("post_attention_layernorm", _beforeFeedForward);
        }

        public override Residual Forward(Residual x, ForwardContext context, Readout? readout)
        {
            using var scope = NewDisposeScope();
            var (stream, input) = _beforeAttention.Forward(x, context);
            var attended = new Residual(readout?.Pick(stream) ?? stream, _attention.Forward(input, context, readout));
            if (_parallel)                                                         // both blocks read the layer's input
            {
                (stream, input) = _beforeFeedForward.Forward(attended with { Update = null }, context);
                return new Residual(attended.Sum(), FeedForward.Forward(input, Index, context)).MoveToOuterDisposeScope();
            }
            (stream, input) = _beforeFeedForward.Forward(attended, context);
            return new Residual(stream, FeedForward.Forward(input, Index, context)).MoveToOuterDisposeScope();
        }
    }

    private sealed class GptNeoXAttention : Component
    {
        private readonly ModelConfig _config;
        private readonly int _layer;
        private readonly Projection _queryKeyValue;
        private readonly Projection _dense;

        public GptNeoXAttention(ModelConfig config, int layer, ScalarType type) : base(nameof(GptNeoXAttention))
        {
            (_config, _layer) = (config, layer);
            var width = config.NumHeads * config.HeadDim;
            _queryKeyValue = new Projection(config.HiddenSize, 3 * width, config.QueryKeyValueBias, type);
            _dense = new Projection(width, config.HiddenSize, config.AttentionOutputBias, type);
            register_module("query_key_value", _queryKeyValue);
            register_module("dense", _dense);
        }

        public Tensor Forward(Tensor x, ForwardContext context, Readout? readout)
        {
            using var scope = NewDisposeScope();
            var joined = _queryKeyValue.Forward(x, context).view(x.shape[0], x.shape[1], _config.NumHeads, 3 * _config.HeadDim); // interleaved a head
            var parts = joined.chunk(3, -1).Select(part => part.reshape(x.shape[0], x.shape[1], -1)).ToArray();                  // [b, t, h hd] each
            var query = readout?.Asking(parts[0]) ?? parts[0];
            var mixed = Attention.Forward(query, parts[1], parts[2], _config.HeadDim, _layer, context, readout);
            return _dense.Forward(readout?.Answered(mixed) ?? mixed, context).MoveToOuterDisposeScope();
        }
    }
}
