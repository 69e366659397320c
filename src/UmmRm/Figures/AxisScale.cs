using System.Globalization;

namespace UmmRm.Figures;

/// <summary>An axis: which numbers lie where, and at which of them ticks stand (1, 2 or 5 times a power of ten apart).</summary>
public sealed class AxisScale
{
    private readonly double _from;
    private readonly double _to;

    private AxisScale(double low, double high, double step, double from, double to) => (Low, High, Step, _from, _to) = (low, high, step, from, to);

    /// <summary>The smallest number.</summary>
    public double Low { get; }

    /// <summary>The largest number.</summary>
    public double High { get; }

    /// <summary>From tick to tick.</summary>
    public double Step { get; }

    /// <summary>The ticks' numbers.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, (int)Math.Floor((High - First) / Step + 1e-9) + 1).Select(i => First + (i * Step));

    private double First => Math.Ceiling(Low / Step - 1e-9) * Step;

    /// <summary>An axis for numbers, with a little room at both ends.</summary>
    /// <param name="numbers">Those that must fit; infinite ones and NaN are ignored.</param>
    /// <param name="from">Where its low end lies in the drawing.</param>
    /// <param name="to">Where its high end lies.</param>
    /// <param name="ticks">About how many ticks.</param>
    /// <param name="room">The room, as a share of the numbers' range.</param>
    public static AxisScale For(IEnumerable<double> numbers, double from, double to, int ticks = 5, double room = 0.05)
    {
        var finite = numbers.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high)))
            (low, high) = (low - 0.5, high + 0.5);
        var margin = room * (high - low);
        return new(low - margin, high + margin, StepFor((high - low) / ticks), from, to);
    }

    /// <summary>Where a number lies.</summary>
    public double At(double number) => _from + ((number - Low) / (High - Low) * (_to - _from));

    /// <summary>A tick's number with as many decimals as the ticks need.</summary>
    public string TextOf(double tick)
    {
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 6);
        return (Math.Abs(tick) < Step * 1e-6 ? 0 : tick).ToString(Math.Abs(tick) >= 10_000 ? "N0" : $"F{decimals}", CultureInfo.InvariantCulture);
    }

    private static double StepFor(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
