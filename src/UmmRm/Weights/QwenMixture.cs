using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>
/// An unmerged mixture in the words of transformers' Qwen2MoeForSequenceClassification, which other engines serve. That class adds sigmoid(shared gate) times the
/// shared expert to the routed experts weighed by the router; with a shared gate of 0 (sigmoid 1/2), the shared expert's down projection times 2 alpha and the routed
/// ones' times 1 - alpha it computes METHOD 3's mixture exactly. Read back, the same tensors are a mixture of alpha = 1/2 whose routed down projections are doubled.
/// </summary>
public static class QwenMixture
{
    private const string Down = "down_proj.weight";

    /// <summary>Writes a mixture's folder in that form, tensor by tensor: peak memory is a few megabytes.</summary>
    /// <param name="moeFolder">A mixture that <see cref="Upcycling"/> began.</param>
    /// <param name="outputFolder">The folder to create or replace; not the model itself.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <param name="addFiles">Adds files to the unfinished folder whose path it is given, or null.</param>
    /// <returns>What the element type's rounding lost of the scaled down projections.</returns>
    /// <exception cref="ArgumentException">The folder holds no mixture, or one that the form cannot express; the message says why.</exception>
    /// <exception cref="InvalidDataException">The folder's tensors are not those of its config.json.</exception>
    public static RoundingLoss Write(string moeFolder, string outputFolder, CheckpointWriteOptions? options = null, Action<string, RoundingLoss>? addFiles = null)
    {
        OutputFolder.RequireApart(outputFolder, moeFolder);
        var mixture = HuggingFaceConfig.Read(moeFolder);
        var config = mixture.AsQwenMixture();
        using var source = ModelTensors.Open(moeFolder);
        var loss = new RoundingLoss();
        Checkpoint.WriteFolder(outputFolder, config, Apply(source, mixture.Model, loss), moeFolder, reward: null, options, folder =>
        {
            var reward = RewardMetadata.Read(moeFolder);
            (loss.Relative == 0 ? reward : reward?.WithoutScores())?.Write(folder); // rounded weights give other scores
            addFiles?.Invoke(folder, loss);
        });
        return loss;
    }

    /// <summary>The tensors in that form, made from a mixture's as they are read.</summary>
    /// <param name="source">The mixture; must stay open while the result is used.</param>
    /// <param name="mixture">Its architecture.</param>
    /// <param name="loss">Told what rounding loses, or null.</param>
    public static ComputedTensors Apply(ITensorSource source, ModelConfig mixture, RoundingLoss? loss = null)
    {
        Require(mixture);
        var (alpha, output) = (mixture.Moe!.SharedExpertWeight, new ComputedTensors());
        var names = Names(mixture);
        foreach (var info in source.Tensors)
        {
            if (!names.TryGetValue(info.Name, out var place))
                output.AddCopy(source, info);
            else if (place.Name.EndsWith(Down, StringComparison.Ordinal))
                output.Add(info with { Name = place.Name }, new ScaledTensor(source, info.Name, place.Expert == 0 ? 2 * alpha : 1 - alpha, loss).Read);
            else
                output.AddCopy(source, info, place.Name);
        }
        if (names.Keys.FirstOrDefault(name => source.Find(name) is null) is { } missing)
            throw new InvalidDataException($"tensor '{missing}' is missing, although config.json promises {mixture.NumLayers} layers of {mixture.Moe.NumExperts} experts: the checkpoint is incomplete");
        for (var layer = 0; layer < mixture.NumLayers; layer++)
        {
            var type = source.Find(MixtureNames.Router(mixture.Family, layer))!.Type;
            output.AddValues(new TensorInfo(SharedGate(layer), type, [1, mixture.HiddenSize]), new float[mixture.HiddenSize]);
            foreach (var (projection, heads) in new[] { ("q", mixture.NumHeads), ("k", mixture.NumKeyValueHeads), ("v", mixture.NumKeyValueHeads) })
            {
                if ($"model.layers.{layer}.self_attn.{projection}_proj.bias" is var bias && output.Find(bias) is null) // engines build them in, whatever config.json says
                    output.AddValues(new TensorInfo(bias, type, [heads * mixture.HeadDim]), new float[heads * mixture.HeadDim]);
            }
        }
        return output;
    }

    /// <summary>A folder in that form as a mixture of ours: the same tensors under our names, routed down projections doubled.</summary>
    /// <param name="source">The folder's tensors; must stay open while the result is used.</param>
    /// <param name="mixture">The architecture that its config.json was read as.</param>
    /// <exception cref="InvalidDataException">A shared gate is not zero: the shared expert's weight then depends on the token, which a mixture of ours cannot express.</exception>
    internal static ComputedTensors Read(ITensorSource source, ModelConfig mixture)
    {
        var ours = Names(mixture).ToDictionary(pair => pair.Value.Name, pair => (Name: pair.Key, pair.Value.Expert));
        var gates = Enumerable.Range(0, mixture.NumLayers).Select(SharedGate).ToHashSet();
        var output = new ComputedTensors();
        foreach (var info in source.Tensors)
        {
            if (gates.Contains(info.Name))
                RequireZero(source, info);
            else if (!ours.TryGetValue(info.Name, out var place))
                output.AddCopy(source, info);
            else if (place is { Expert: > 0 } && info.Name.EndsWith(Down, StringComparison.Ordinal))
                output.Add(info with { Name = place.Name }, new ScaledTensor(source, info.Name, 2).Read);
            else
                output.AddCopy(source, info, place.Name);
        }
        return output;
    }

    /// <summary>Throws when the form cannot express the mixture.</summary>
    /// <exception cref="ArgumentException">The message says why, and what can be done.</exception>
    internal static void Require(ModelConfig mixture)
    {
        const string remedy = "merge the mixture (merge), and serve the dense model";
        if (mixture.Moe is null)
            throw new ArgumentException("this model is no mixture of experts: qwen2-moe is a form of unmerged mixtures; a dense reward model is exported with --format hf");
        if (mixture.Family == ModelFamily.GptNeoX)
            throw new ArgumentException($"a GPT-NeoX mixture cannot be written as qwen2-moe: its experts are two matrices with biases and GELU, Qwen2-MoE's three without biases and SiLU, and its attention and norms differ; {remedy}");
        if (mixture.HeadDim * mixture.NumHeads != mixture.HiddenSize)
            throw new ArgumentException($"this mixture cannot be written as qwen2-moe: its heads are {mixture.HeadDim} wide, and Qwen2-MoE's are hidden_size / num_attention_heads = {(double)mixture.HiddenSize / mixture.NumHeads:0.##}; {remedy}");
        if (mixture.AttentionOutputBias)
            throw new ArgumentException($"this mixture cannot be written as qwen2-moe: its attention's output projection has a bias (attention_bias), and Qwen2-MoE's has none; {remedy}");
    }

    /// <summary>Our names of a mixture's feed-forward tensors, and for each the other name and the expert (0 is the shared one, -1 the router).</summary>
    private static Dictionary<string, (string Name, int Expert)> Names(ModelConfig mixture)
    {
        var names = new Dictionary<string, (string, int)>();
        for (var layer = 0; layer < mixture.NumLayers; layer++)
        {
            names.Add(MixtureNames.Router(mixture.Family, layer), (MixtureNames.Dense(mixture.Family, layer, "gate.weight"), -1));
            for (var expert = 0; expert < mixture.Moe!.NumExperts; expert++)
            {
                foreach (var tensor in MixtureNames.Tensors(mixture.Family))
                    names.Add(MixtureNames.Expert(mixture.Family, layer, expert, tensor), (MixtureNames.Dense(mixture.Family, layer, expert == 0 ? $"shared_expert.{tensor}" : $"experts.{expert - 1}.{tensor}"), expert));
            }
        }
        return names;
    }

    private static string SharedGate(int layer) => $"model.layers.{layer}.mlp.shared_expert_gate.weight";

    private static void RequireZero(ITensorSource source, TensorInfo info)
    {
        var bytes = new byte[info.ByteLength];
        source.Read(info.Name, 0, bytes);
        if (bytes.AsSpan().ContainsAnyExcept((byte)0))
            throw new InvalidDataException($"{info.Name} is not zero: the shared expert's weight depends on the token there. Of Qwen2-MoE models only those that export wrote are read, whose shared gate is 0");
    }
}
