using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Weights;

/// <summary>The scalar head of a reward model, <c>score.weight</c> [1, d]; it has no bias. What other trainers write instead is <see cref="ForeignHead"/>.</summary>
public static class RewardHead
{
    /// <summary>The head's name in a checkpoint.</summary>
    public const string Name = "score.weight";

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

    /// <summary>A small tensor as float32, row-major.</summary>
    /// <exception cref="InvalidDataException">It is stored in another type than F32, BF16 or F16.</exception>
    internal static float[] ReadFloats(ITensorSource source, string name)
    {
        var info = source.Find(name)!;
        if (!StoredFloats.Supports(info.Type))
            throw new InvalidDataException($"{name} is {info.Form}; expected F32, BF16 or F16");
        var bytes = new byte[info.ByteLength];
        source.Read(name, 0, bytes);
        var values = new float[info.Elements];
        StoredFloats.Decode(info.Type, bytes, values);
        return values;
    }
}
