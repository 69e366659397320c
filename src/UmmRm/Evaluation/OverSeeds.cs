using System.Text.Json.Serialization;

namespace UmmRm.Evaluation;

/// <summary>A number measured once a seed.</summary>
/// <param name="Values">The measurements, in the seeds' order.</param>
public sealed record OverSeeds(IReadOnlyList<double> Values)
{
    private const int MostForStudent = 30;

    /// <summary>Their mean.</summary>
    public double Mean => Values.Average();

    /// <summary>95 % interval of the mean over seeds: Student's t below 30 seeds, the normal's from there on. null with one seed, which says nothing about seeds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? Interval
    {
        get
        {
            if (Values.Count < 2)
                return null;
            var mean = Mean;
            var error = Math.Sqrt(Values.Sum(value => (value - mean) * (value - mean)) / (Values.Count - 1) / Values.Count);
            var reach = (Values.Count < MostForStudent ? SpecialFunctions.StudentQuantile(0.95, Values.Count - 1) : Evaluation.Interval.NormalQuantile) * error;
            return new(mean - reach, mean + reach);
        }
    }

    /// <summary>Measures every seed's curve.</summary>
    public static OverSeeds Of(IReadOnlyList<ProxyGoldCurve> curves, Func<ProxyGoldCurve, double> measure) => new([.. curves.Select(measure)]);
}
