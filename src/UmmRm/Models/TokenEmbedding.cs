using TorchSharp.Modules;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Holds the embedding matrix, <c>weight</c> [v, d], under the name that checkpoints give it.</summary>
internal sealed class TokenEmbedding : Component
{
    public TokenEmbedding(ModelConfig config, ScalarType type) : base(nameof(TokenEmbedding))
    {
        Weight = new Parameter(empty(config.VocabSize, config.HiddenSize, dtype: type, device: ComputeDevice.Current));
        register_parameter("weight", Weight);
    }

    public Parameter Weight { get; }
}
