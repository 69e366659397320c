using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>Models of given widths with random weights: speed does not depend on what they have learned.</summary>
internal static class RandomModel
{
    public static ModelConfig Config(int width, int layers, int heads, int feedForward, int vocabulary, MoeConfig? moe = null) => new()
    {
        Family = ModelFamily.Llama,
        VocabSize = vocabulary,
        HiddenSize = width,
        IntermediateSize = feedForward,
        NumLayers = layers,
        NumHeads = heads,
        NumKeyValueHeads = heads,
        HeadDim = width / heads,
        MaxPositions = 2048,
        Moe = moe,
    };

    public static T Fill<T>(T model)
        where T : nn.Module
    {
        using var _ = no_grad();
        random.manual_seed(1);
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (parameter.Dimensions > 1)
                parameter.normal_(0, 0.02);
        }
        return model;
    }

    /// <summary>Parameters that a token's products read: with k routed experts only those it visits.</summary>
    public static long ActiveParameters(nn.Module model, ModelConfig config)
    {
        var all = model.named_parameters().Where(p => p.parameter.Dimensions > 1 && !p.name.Contains("embed_tokens", StringComparison.Ordinal)).ToList();
        var experts = all.Where(p => p.name.Contains(".experts.", StringComparison.Ordinal)).Sum(p => p.parameter.numel());
        var others = all.Sum(p => p.parameter.numel()) - experts;
        return config.Moe is { } moe ? others + experts * (1 + moe.TopK) / moe.NumExperts : others;
    }
}
