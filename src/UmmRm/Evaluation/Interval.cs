using System.Text.Json;
using System.Text.Json.Serialization;

namespace UmmRm.Evaluation;

/// <summary>A 95 % confidence interval, both ends included. In JSON: <c>[low, high]</c>.</summary>
[JsonConverter(typeof(AsPair))]
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The quantile of the standard normal that leaves 2.5 % above it.</summary>
    internal const double NormalQuantile = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval of a proportion: (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n). Trials must be independent.
    /// </summary>
    /// <param name="successes">0 .. trials; may count halves.</param>
    /// <param name="trials">n, above 0.</param>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static Interval Wilson(double successes, double trials)
    {
        if (!(trials > 0 && successes >= 0 && successes <= trials))
            throw new ArgumentException(FormattableString.Invariant($"Wilson's interval of {successes} successes in {trials} trials: there must be at least one trial, and 0..trials successes"));
        var share = successes / trials;
        var z2 = NormalQuantile * NormalQuantile;
        var middle = share + (z2 / (2 * trials));
        var half = NormalQuantile * Math.Sqrt((share * (1 - share) / trials) + (z2 / (4 * trials * trials)));
        var scale = 1 + (z2 / trials);
        return new(successes == 0 ? 0 : (middle - half) / scale, successes == trials ? 1 : (middle + half) / scale);
    }

    private sealed class AsPair : JsonConverter<Interval>
    {
        public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<double[]>(ref reader, options) is [var low, var high]
                ? new(low, high)
                : throw new JsonException("an interval is written as [low, high], two numbers");

        public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new[] { value.Low, value.High }, options);
    }
}
