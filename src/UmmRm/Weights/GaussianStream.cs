using System.Security.Cryptography;
using System.Text;

namespace UmmRm.Weights;

/// <summary>
/// Standard normal numbers that depend on a seed, a name and their index alone: the same on every machine, in any order, and no tensor's depend on another's.
/// SplitMix64 (Steele, Lea, Flood 2014) counts, Box-Muller shapes.
/// </summary>
public sealed class GaussianStream
{
    private readonly ulong _key;

    /// <summary>The stream of one tensor.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">The tensor's name.</param>
    public GaussianStream(long seed, string name) =>
        _key = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}:{name}"))));

    /// <summary>Number <paramref name="index"/> of the stream; mean 0, standard deviation 1.</summary>
    public double this[long index]
    {
        get
        {
            var pair = (ulong)index & ~1ul;
            var radius = Math.Sqrt(-2 * Math.Log(Uniform(_key, pair)));
            var angle = 2 * Math.PI * Uniform(_key, pair + 1);
            return radius * (index % 2 == 0 ? Math.Cos(angle) : Math.Sin(angle));
        }
    }

    /// <summary>Element <paramref name="index"/> of the SplitMix64 sequence that starts from <paramref name="key"/>.</summary>
    internal static ulong SplitMix64(ulong key, ulong index)
    {
        var z = unchecked(key + ((index + 1) * 0x9e3779b97f4a7c15ul));
        z = unchecked((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul);
        z = unchecked((z ^ (z >> 27)) * 0x94d049bb133111ebul);
        return z ^ (z >> 31);
    }

    /// <summary>A number in (0, 1].</summary>
    private static double Uniform(ulong key, ulong index) => ((SplitMix64(key, index) >> 11) + 1) * (1.0 / (1ul << 53));
}
