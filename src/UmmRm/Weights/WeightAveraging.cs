using System.Text.Json.Nodes;
namespace UmmRm.Weights;

/// <summary>
/// WARM (arXiv 2401.12187): the parameter average of reward models that were fine-tuned from one start, theta = sum_i w_i theta_i.
/// Equal models average to exactly themselves.
/// </summary>
public static class WeightAveraging
{
    /// <summary>Writes the average of several folders, block by block: peak memory is a few megabytes.</summary>
    /// <param name="folders">Two or more models of one architecture, with one tokenizer.</param>
    /// <param name="weights">A weight for each, in any unit (they are divided by their sum); null weighs all alike.</param>
    /// <param name="outputFolder">The folder to create or replace; its config.json and tokenizer are the first model's.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <exception cref="ArgumentException">Fewer than two folders, or weights that are negative, all zero, or not as many.</exception>
    /// <exception cref="InvalidDataException">The models differ in architecture, tensors, element types, tokenizer or template; the message says in what.</exception>
    public static void Write(IReadOnlyList<string> folders, IReadOnlyList<double>? weights, string outputFolder, CheckpointWriteOptions? options = null)
    {
        if (folders.Count < 2)
            throw new ArgumentException($"{folders.Count} models were given; an average needs at least 2");
        OutputFolder.RequireApart(outputFolder, folders);
        var shares = Shares(weights ?? [.. Enumerable.Repeat(1.0, folders.Count)], folders.Count);
        foreach (var folder in folders.Skip(1))
            RequireSameKind(folders[0], folder);
        var sources = new List<ModelTensors>();
        try
        {
            foreach (var folder in folders)
                sources.Add(ModelTensors.Open(folder));
            var reward = RewardMetadata.Read(folders[0])?.WithoutScores();
            Checkpoint.Write(outputFolder, HuggingFaceConfig.Read(folders[0]), Apply(sources, shares), folders[0], reward, options);
        }
        finally
        {
            sources.ForEach(source => source.Dispose());
        }
    }

    private static ComputedTensors Apply(List<ModelTensors> sources, double[] shares)
    {
        var first = sources[0];
        foreach (var other in sources.Skip(1))
            RequireSameTensors(first, other);
        var output = new ComputedTensors();
        foreach (var info in first.Tensors)
            output.Add(info, new WeightedMean([.. sources.Select(source => ((ITensorSource)source, info.Name))], shares).Read);
        return output;
    }

    private static double[] Shares(IReadOnlyList<double> weights, int count)
    {
        if (weights.Count != count)
            throw new ArgumentException($"there are {weights.Count} weights for {count} models; give one for each");
        if (weights.Any(weight => !(weight >= 0) || !double.IsFinite(weight)) || weights.Sum() <= 0)
            throw new ArgumentException($"the weights are {string.Join(", ", weights)}; they must be numbers from 0 on, and not all 0");
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static void RequireSameKind(string first, string other)
    {
        if (HuggingFaceConfig.Read(first).DifferencesFrom(HuggingFaceConfig.Read(other)) is [_, ..] differences)
            throw new InvalidDataException($"{first} and {other} have different architectures, so their average means nothing: {string.Join("; ", differences)}");
        var files = Checkpoint.TokenizerFilesOf(first).Union(Checkpoint.TokenizerFilesOf(other)).Where(name => name is "tokenizer.json" or "tokenizer.model" or "vocab.json" or "merges.txt");
        foreach (var name in files)
        {
            if (!SameBytes(Path.Combine(first, name), Path.Combine(other, name)))
                throw new InvalidDataException($"{first} and {other} differ in {name}: models with different tokenizers read different texts, so their average means nothing");
        }
        if (RewardMetadata.Read(first) is { } a && RewardMetadata.Read(other) is { } b && (!JsonNode.DeepEquals(a.Template, b.Template) || a.AppendEos != b.AppendEos))
            throw new InvalidDataException($"{first} was trained with the template {a.TemplateName} (append_eos {a.AppendEos}), {other} with {b.TemplateName} ({b.AppendEos}): their average would read neither rightly");
    }

    private static void RequireSameTensors(ModelTensors first, ModelTensors other)
    {
        var names = first.Tensors.Select(info => info.Name).ToHashSet();
        names.SymmetricExceptWith(other.Tensors.Select(info => info.Name));
        if (names.Count > 0)
            throw new InvalidDataException($"only one of {first.Folder} and {other.Folder} has {string.Join(", ", names.Order(StringComparer.Ordinal).Take(10))}: they are not models of one kind");
    }

    private static bool SameBytes(string a, string b) => File.Exists(a) && File.Exists(b) && File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b));
}
