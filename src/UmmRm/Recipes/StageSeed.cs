using System.Globalization;
using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>
/// Where a stage's random numbers come from: a number, used as it is, or a name, from which and from the recipe's seed the number
/// is derived. Stages with the same name draw the same numbers, so their new reward heads are equal.
/// </summary>
public sealed record StageSeed(string Text) : IParsable<StageSeed>
{
    /// <summary>The number for a recipe's seed, 0 .. 2^63 - 1.</summary>
    public long In(long recipeSeed) =>
        long.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : (long)(new SeededRandom(recipeSeed).Fork(Text).NextUInt64() >> 1);

    /// <summary>Reads a number or a name.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static StageSeed Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var seed) ? seed : throw new FormatException("a whole number from 0 or a name that stages share is expected");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out StageSeed result)
    {
        result = new StageSeed(s ?? "");
        return StageName.IsValid(s) || long.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
