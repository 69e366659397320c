using System.Globalization;

namespace UmmRm.Recipes;

/// <summary>How many of a model's last layers train.</summary>
/// <param name="Number">null for the whole model, the embedding included.</param>
public sealed record LayerCount(int? Number) : IParsable<LayerCount>
{
    /// <summary>Reads <c>all</c> or a number.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static LayerCount Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var count) ? count : throw new FormatException("all or a whole number from 1 is expected");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out LayerCount result)
    {
        result = new LayerCount((int?)null);
        if (s == "all")
            return true;
        var isNumber = int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
        result = new LayerCount(number);
        return isNumber;
    }

    /// <inheritdoc/>
    public override string ToString() => Number?.ToString(CultureInfo.InvariantCulture) ?? "all";
}
