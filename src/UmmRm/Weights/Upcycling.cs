using UmmRm.Models;
using UmmRm.Runtime;

namespace UmmRm.Weights;

/// <summary>
/// Dense -> mixture (METHOD 2): every feed-forward block becomes N exact copies of itself and a router W_r [N - 1, d], normal with standard deviation 0.02.
/// Equal experts and gates that sum to 1 make the mixture compute exactly the dense model's function, whatever the router says.
/// </summary>
public static class Upcycling
{
    /// <summary>Standard deviation of a new router's entries.</summary>
    public const double RouterDeviation = 0.02;

    /// <summary>Writes the mixture of a dense model's folder, tensor by tensor: peak memory is a few megabytes.</summary>
    /// <param name="denseFolder">A language model (the mixture gets a new head) or a reward model (its head is kept).</param>
    /// <param name="moe">The mixture's shape.</param>
    /// <param name="outputFolder">The folder to create or replace; not the model itself.</param>
    /// <param name="seed">Makes the routers and a new head; the head is the one that <see cref="RewardHead.New"/> makes of this seed.</param>
    /// <param name="padTokenId">The reward model's padding token; null keeps the folder's.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <exception cref="ArgumentException">The model is a mixture already, the shape is impossible, or there is no usable padding token.</exception>
    /// <exception cref="InvalidDataException">The folder's tensors are not those of its config.json.</exception>
    /// <returns>What every score loses: a foreign head's constant that the architecture has no place for; 0 as a rule.</returns>
    public static double Write(string denseFolder, MoeConfig moe, string outputFolder, long seed, int? padTokenId = null, CheckpointWriteOptions? options = null)
    {
        OutputFolder.RequireApart(outputFolder, denseFolder);
        var config = HuggingFaceConfig.Read(denseFolder);
        var mixture = config.AsRewardModel(padTokenId).AsMixture(moe);
        using var dense = ModelTensors.Open(denseFolder);
        var reward = RewardMetadata.Read(denseFolder)?.WithoutScores();
        Checkpoint.Write(outputFolder, mixture, Apply(dense.WithoutConstant(out var dropped), mixture.Model, seed), denseFolder, reward, options);
        return dropped;
    }

    /// <summary>The mixture's tensors, made from the dense model's as they are read.</summary>
    /// <param name="dense">The dense model; must stay open while the result is used.</param>
    /// <param name="mixture">The mixture's architecture.</param>
    /// <param name="seed">Makes the routers, and the head where the dense model has none.</param>
    public static ComputedTensors Apply(ITensorSource dense, ModelConfig mixture, long seed)
    {
        var moe = mixture.Moe ?? throw new ArgumentException("the architecture has no mixture to upcycle to");
        var blocks = FeedForwardTensors(dense, mixture);
        var output = new ComputedTensors();
        foreach (var info in dense.Tensors.Where(info => !Checkpoint.IsHarmless(info.Name)))
        {
            if (!blocks.TryGetValue(info.Name, out var at))
            {
                output.AddCopy(dense, info);
                continue;
            }
            for (var expert = 0; expert < moe.NumExperts; expert++)
                output.AddCopy(dense, info, MixtureNames.Expert(mixture.Family, at.Layer, expert, at.Tensor));
            if (at.Tensor == MixtureNames.Tensors(mixture.Family)[0])
                AddRouter(output, mixture, at.Layer, info.Type, seed);
        }
        AddHead(output, mixture, blocks.Keys.Select(name => dense.Find(name)!.Type).First(), seed);
        return output;
    }

    private static void AddRouter(ComputedTensors output, ModelConfig mixture, int layer, TensorType type, long seed)
    {
        var info = new TensorInfo(MixtureNames.Router(mixture.Family, layer), type, [mixture.Moe!.RoutedExperts, mixture.HiddenSize]);
        var random = new SeededRandom(seed).Fork(info.Name);
        output.AddValues(info, [.. Enumerable.Range(0, (int)info.Elements).Select(_ => (float)(random.NextGaussian() * RouterDeviation))]);
    }

    /// <summary>Keeps a reward model's head; makes one for a language model.</summary>
    private static void AddHead(ComputedTensors output, ModelConfig mixture, TensorType type, long seed)
    {
        var wanted = new TensorInfo(RewardHead.Name, type, [1, mixture.HiddenSize]);
        if (output.Find(RewardHead.Name) is not { } head)
            output.AddValues(wanted, RewardHead.NewValues(mixture.HiddenSize, seed));
        else if (!head.Shape.SequenceEqual(wanted.Shape))
            throw new InvalidDataException($"{RewardHead.Name} is {head.Form}; expected [1, {mixture.HiddenSize}]: a reward model has one score");
    }

    /// <summary>Where each tensor of the feed-forward blocks belongs; throws when one is missing.</summary>
    private static Dictionary<string, (int Layer, string Tensor)> FeedForwardTensors(ITensorSource dense, ModelConfig model)
    {
        var blocks = new Dictionary<string, (int Layer, string Tensor)>();
        for (var layer = 0; layer < model.NumLayers; layer++)
        {
            foreach (var tensor in MixtureNames.Tensors(model.Family))
            {
                var name = MixtureNames.Dense(model.Family, layer, tensor);
                if (dense.Find(name) is null)
                    throw new InvalidDataException($"tensor '{name}' is missing, although config.json promises {model.NumLayers} layers: the checkpoint is incomplete");
                blocks.Add(name, (layer, tensor));
            }
        }
        return blocks;
    }
}
