using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// METHOD 3's mixture: h = alpha E_1(u) + (1 - alpha) sum over the k routed experts of p_i E_i(u), p the softmax over the chosen
/// logits of z = W_r u. The gates of a token sum to 1, so that equal experts compute exactly the dense network's function.
/// </summary>
public sealed class SharedExpertMoe : FeedForward
{
    private readonly MoeConfig _moe;
    private readonly Projection _router;

    /// <summary>A mixture with uninitialised parameters: <c>router.weight</c> [N-1, d], <c>experts.0</c> shared, <c>experts.1</c> .. routed.</summary>
    public SharedExpertMoe(ModelConfig config, ScalarType type) : base(nameof(SharedExpertMoe))
    {
        _moe = config.Moe ?? throw new ArgumentException("the model configuration has no mixture");
        _router = new Projection(config.HiddenSize, _moe.RoutedExperts, bias: false, type);
        register_module("router", _router);
        Experts = [.. Enumerable.Range(0, _moe.NumExperts).Select(_ => DenseFeedForward.Create(config, type))];
        register_module("experts", new NumberedModules(Experts));
    }

    /// <summary>The experts: the shared one first.</summary>
    public IReadOnlyList<DenseFeedForward> Experts { get; }

    /// <summary>Noise on the logits, or null; set for training passes alone.</summary>
    internal RouterNoise? Noise { get; set; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, int layer, ForwardContext context)
    {
        if (context.Expert is { } alone)
            return Alone(x, alone, context);
        using var scope = NewDisposeScope();
        var tokens = x.reshape(-1, x.shape[^1]);                                   // [n, d]
        var logits = nn.functional.linear(tokens.to_type(ScalarType.Float32), _router.Weight.to_type(ScalarType.Float32)); // [n, e]
        if (Noise is not null)
            logits = Noise.AddTo(logits);
        var (top, indices) = logits.topk(_moe.TopK, -1);                           // [n, k] each
        var probabilities = top.softmax(-1);
        context.Gates?.Observe(layer, logits, indices, probabilities);

        var output = Experts[0].Forward(tokens, layer, context).to_type(ScalarType.Float32).Times(_moe.SharedExpertWeight); // [n, d]
        var gates = probabilities.view(-1).Times(1 - _moe.SharedExpertWeight);        // [n k]
        var visits = Visits(indices);
        for (var expert = 0; expert < visits.Length; expert++)
        {
            if (visits[expert].Count > 0)
                AddExpert(output, tokens, gates, visits[expert], Experts[expert + 1], layer, context);
        }
        return context.Cast(output).view(x.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The dense network of METHOD 4 with all of beta on one routed expert: its weights, and the shared one's, are averaged for this pass.</summary>
    private Tensor Alone(Tensor x, int routed, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var alpha = _moe.SharedExpertWeight;
        var merged = Experts[0].Tensors.Zip(Experts[routed + 1].Tensors, (shared, own) => shared.Times(alpha).PlusScaled(own, 1 - alpha)).ToList();
        return Experts[0].Compute(x, merged, context).MoveToOuterDisposeScope();
    }

    /// <summary>Adds one expert's share to the tokens that visit it.</summary>
    private void AddExpert(Tensor output, Tensor tokens, Tensor gates, List<long> visits, DenseFeedForward expert, int layer, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var slots = tensor(visits, device: tokens.device);                         // [v] positions in the flattened [n, k]
        var rows = tensor(visits.ConvertAll(slot => slot / _moe.TopK), device: tokens.device);
        var share = gates.index_select(0, slots).unsqueeze(-1);                    // [v, 1]
        var result = expert.Forward(tokens.index_select(0, rows), layer, context); // [v, d]
        output.index_add_(0, rows, result.to_type(ScalarType.Float32).mul(share), Scalars.Of(1));
    }

    /// <summary>For each routed expert, the slots of the flattened [n, k] choice in which it stands, in order.</summary>
    private List<long>[] Visits(Tensor indices)
    {
        var visits = new List<long>[_moe.RoutedExperts];
        for (var expert = 0; expert < visits.Length; expert++)
            visits[expert] = [];
        using var onHost = indices.cpu();
        var chosen = onHost.data<long>();
        long slot = 0;
        foreach (var expert in chosen)
            visits[expert].Add(slot++);
        return visits;
    }
}
