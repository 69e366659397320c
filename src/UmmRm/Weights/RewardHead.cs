using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Weights;

/// <summary>The scalar head of a reward model, <c>score.weight</c> [1, d]; it has no bias.</summary>
public static class RewardHead
{
    /// <summary>The head's name in a checkpoint.</summary>
    public const string Name = "score.weight";

    /// <summary>Heads that other trainers write, and why they are not read.</summary>
    private static readonly Dictionary<string, string> Foreign = new()
    {
        ["score.bias"] = "a head with a bias (older TRL)",
        ["out_proj.weight"] = "OpenAssistant's head, which pools by mean and has a bias",
        ["value_head.weight"] = "OpenRLHF's head, whose scores may be normalised by config.json's mean and std",
        ["v_head.summary.weight"] = "LLaMA-Factory's and TRL's value head, which has a bias and belongs to a language model",
    };

    /// <summary>
    /// A new head [1, d] in float32: normal, standard deviation 1 / sqrt(d + 1) (METHOD 2). The one function that everybody takes it from: the same seed gives the
    /// dense reward model and the mixture the same head. The caller disposes it.
    /// </summary>
    /// <param name="hiddenSize">d.</param>
    /// <param name="seed">The run's seed.</param>
    public static Tensor New(int hiddenSize, long seed) => tensor(NewValues(hiddenSize, seed), [1, hiddenSize]);

    /// <summary>The values of <see cref="New"/>.</summary>
    internal static float[] NewValues(int hiddenSize, long seed)
    {
        var random = new SeededRandom(seed).Fork(Name);
        var deviation = 1 / Math.Sqrt(hiddenSize + 1.0);
        return [.. Enumerable.Range(0, hiddenSize).Select(_ => (float)(random.NextGaussian() * deviation))];
    }

    /// <summary>Says what head a checkpoint has in place of ours, as a sentence for a message; empty when it has none that is known.</summary>
    internal static string DescribeForeign(ITensorSource source) =>
        Foreign.FirstOrDefault(head => source.Find(head.Key) is not null) is { Key: { } name, Value: var what }
            ? $" It has {name}: {what}. Such heads are not read; export the model as {Name} [1, d] without bias, for example with transformers' ...ForSequenceClassification and num_labels=1."
            : "";
}
