using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>
/// Mixture -> dense (METHOD 4): for each layer and each feed-forward tensor,
/// theta = alpha theta_1 + (1 - alpha) sum_(i >= 2) beta_i theta_i. The result is an ordinary checkpoint of the original architecture.
/// </summary>
public static class ExpertMerging
{
    /// <summary>Writes the merged model of a mixture's folder, block by block: peak memory is a few megabytes. merge.json says how it was made.</summary>
    /// <param name="moeFolder">A mixture that <see cref="Upcycling"/> began.</param>
    /// <param name="record">The method and its coefficients.</param>
    /// <param name="outputFolder">The folder to create or replace; not the model itself.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <exception cref="ArgumentException">The folder holds no mixture, or the coefficients do not fit it.</exception>
    /// <exception cref="InvalidDataException">The folder's tensors are not those of its config.json.</exception>
    public static void Write(string moeFolder, MergeRecord record, string outputFolder, CheckpointWriteOptions? options = null)
    {
        OutputFolder.RequireApart(outputFolder, moeFolder);
        var mixture = HuggingFaceConfig.Read(moeFolder);
        var dense = mixture.AsDense();
        using var source = ModelTensors.Open(moeFolder);
        var reward = RewardMetadata.Read(moeFolder)?.WithoutScores();
        Checkpoint.WriteFolder(outputFolder, dense, Apply(source, mixture.Model, record), moeFolder, reward, options, record.Write);
    }

    /// <summary>The merged model's tensors, made from the mixture's as they are read.</summary>
    /// <param name="source">The mixture; must stay open while the result is used.</param>
    /// <param name="mixture">Its architecture; alpha is read from here.</param>
    /// <param name="record">The coefficients.</param>
    public static ComputedTensors Apply(ITensorSource source, ModelConfig mixture, MergeRecord record)
    {
        if (mixture.Moe is null)
            throw new ArgumentException("this model is no mixture of experts: there is nothing to merge; name the folder that upcycle or training on it made");
        record.Validate(mixture);
        var (merged, used) = Merge(source, mixture, record);
        var output = new ComputedTensors();
        foreach (var info in source.Tensors)
        {
            if (merged.Remove(info.Name, out var mean))
                output.Add(info with { Name = mean.Name }, mean.Mean.Read);
            else if (!used.Contains(info.Name))
                output.AddCopy(source, info);
        }
        return output;
    }

    /// <summary>The merged tensors, each under the name of its shared expert's (it takes that one's place), and the names of everything that they replace.</summary>
    private static (Dictionary<string, (string Name, WeightedMean Mean)> Merged, HashSet<string> Used) Merge(ITensorSource source, ModelConfig mixture, MergeRecord record)
    {
        var merged = new Dictionary<string, (string, WeightedMean)>();
        var used = new HashSet<string>();
        for (var layer = 0; layer < mixture.NumLayers; layer++)
        {
            used.Add(MixtureNames.Router(mixture.Family, layer));
            var weights = Weights(mixture.Moe!.SharedExpertWeight, record.Coefficients[layer]);
            foreach (var tensor in MixtureNames.Tensors(mixture.Family))
            {
                var names = Enumerable.Range(0, mixture.Moe.NumExperts).Select(expert => MixtureNames.Expert(mixture.Family, layer, expert, tensor)).ToList();
                merged.Add(names[0], (MixtureNames.Dense(mixture.Family, layer, tensor), new WeightedMean([.. names.Select(name => (source, name))], weights)));
                used.UnionWith(names);
            }
        }
        return (merged, used);
    }

    /// <summary>[alpha, (1 - alpha) beta_2, ..., (1 - alpha) beta_N]; beta is scaled to sum to exactly 1.</summary>
    private static double[] Weights(double alpha, IReadOnlyList<double> beta)
    {
        var sum = beta.Sum();
        return [alpha, .. beta.Select(share => (1 - alpha) * share / sum)];
    }
}
