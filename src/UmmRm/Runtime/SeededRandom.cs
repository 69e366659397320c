using System.Text;

namespace UmmRm.Runtime;

/// <summary>
/// Random numbers that are the same for the same seed on every platform and .NET version, bit for bit: SplitMix64 (Steele, Lea and
/// Flood 2014; 64 bits of state) and nothing beyond IEEE arithmetic on top of it. One instance is one stream, for one thread.
/// </summary>
/// <remarks>
/// Whatever must not depend on what else was drawn takes its own stream: <c>random.Fork("data order")</c>. Not for secrets.
/// </remarks>
public sealed class SeededRandom
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private readonly ulong _seed;
    private ulong _state;

    /// <summary>The stream of a seed; any number is a good seed.</summary>
    public SeededRandom(long seed) : this(unchecked((ulong)seed))
    {
    }

    private SeededRandom(ulong seed) => _seed = _state = seed;

    /// <summary>
    /// A stream of its own, fixed by this stream's seed and the name alone: neither what was drawn before nor other forks change it.
    /// </summary>
    public SeededRandom Fork(string name)
    {
        var hash = 0xCBF29CE484222325; // FNV-1a of the name's UTF-8 bytes
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 0x100000001B3;
        return new SeededRandom(Mix(Mix(_seed + Increment) ^ hash));
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => Mix(_state += Increment);

    /// <summary>Uniform over the 2^53 multiples of 2^-53 in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform over 0 .. count - 1, without bias (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException">count is below 1.</exception>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var range = (ulong)count;
        var unfair = unchecked(0 - range) % range; // this many of the 2^64 values would favour the small results
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), range, out var low);
            if (low >= unfair)
                return (int)high;
        }
    }

    /// <summary>true with this probability; 0 or less is never, 1 or more is always.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>
    /// Standard normal, by the ratio of uniforms (Kinderman and Monahan 1977). The result is a quotient of two draws: the logarithm,
    /// which may differ in its last bit between platforms, only decides about acceptance.
    /// </summary>
    public double NextGaussian()
    {
        const double Width = 1.7155277699214135; // 2 sqrt(2 / e)
        while (true)
        {
            var u = 1 - NextDouble(); // (0, 1]
            var x = Width * (NextDouble() - 0.5) / u;
            if (x * x <= -4 * Math.Log(u))
                return x;
        }
    }

    /// <summary>One of the items, each as likely as the others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none.</exception>
    public T Pick<T>(IReadOnlyList<T> items) => items[NextInt(items.Count)];

    /// <summary>Some of the items, none twice, in random order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">count is negative or more than there are.</exception>
    public T[] Sample<T>(IReadOnlyList<T> items, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, items.Count);
        var drawn = items.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = i + NextInt(drawn.Length - i);
            (drawn[i], drawn[j]) = (drawn[j], drawn[i]);
        }
        return drawn[..count];
    }

    /// <summary>Puts the items into random order, every order as likely as any other (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>0 .. count - 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        Shuffle<int>(order);
        return order;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
