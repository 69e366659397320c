using System.Numerics;

namespace UmmRm.Evaluation;

/// <summary>Two methods measured on the same seeds: is the second better than the first?</summary>
/// <param name="Count">How many pairs of measurements.</param>
/// <param name="Mean">Mean of second minus first.</param>
/// <param name="StandardError">Of that mean: unbiased standard deviation / sqrt(count).</param>
/// <param name="Interval">95 % t-interval of the mean.</param>
/// <param name="SignFlipP">
/// Two-sided p-value of the exact sign-flip test: the share of the 2^count ways to sign the differences whose sum is at least as far from 0. null beyond 20 pairs, where the t-interval serves.
/// </param>
/// <param name="WilcoxonP">
/// Two-sided p-value of Wilcoxon's signed-rank test, exact; differences of 0 are left out and equal ones share their ranks.
/// </param>
public sealed record PairedDifferences(int Count, double Mean, double StandardError, Interval Interval, double? SignFlipP, double WilcoxonP)
{
    private const int MostForSignFlips = 20;

    /// <summary>Compares measurements pair by pair.</summary>
    /// <exception cref="ArgumentException">The lists differ in length, have fewer than two numbers, or a number is not finite.</exception>
    public static PairedDifferences Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count || first.Count < 2)
            throw new ArgumentException($"paired measurements: {first.Count} of the first and {second.Count} of the second; there must be equally many, and at least 2");
        double[] differences = [.. second.Zip(first, (b, a) => b - a)];
        if (Array.FindIndex(differences, d => !double.IsFinite(d)) is var bad and >= 0)
            throw new ArgumentException(FormattableString.Invariant($"paired measurement {bad} is {first[bad]} and {second[bad]}; both must be finite numbers"));
        var n = differences.Length;
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1) / n);
        var reach = SpecialFunctions.StudentQuantile(0.95, n - 1) * error;
        return new(n, mean, error, new(mean - reach, mean + reach), n <= MostForSignFlips ? SignFlips(differences) : null, Wilcoxon(differences));
    }

    /// <summary>Goes through all sign patterns in Gray-code order, so that each step flips one sign.</summary>
    private static double SignFlips(double[] differences)
    {
        var sum = differences.Sum();
        var threshold = Math.Abs(sum) - (1e-9 * differences.Sum(Math.Abs));
        var signs = new double[differences.Length];
        Array.Fill(signs, 1);
        long patterns = 1L << differences.Length, asFar = 1;
        for (var pattern = 1L; pattern < patterns; pattern++)
        {
            var flip = BitOperations.TrailingZeroCount(pattern);
            sum -= 2 * signs[flip] * differences[flip];
            signs[flip] = -signs[flip];
            if (Math.Abs(sum) >= threshold)
                asFar++;
        }
        return asFar / (double)patterns;
    }

    /// <summary>The exact distribution of the sum of the positive ranks, by adding one rank at a time; ranks are doubled, so that shared ones are whole numbers.</summary>
    private static double Wilcoxon(double[] differences)
    {
        double[] nonZero = [.. differences.Where(d => d != 0)];
        var doubled = RankCorrelation.Ranks([.. nonZero.Select(Math.Abs)]).Select(rank => (int)Math.Round(2 * rank)).ToArray();
        var total = doubled.Sum();
        var probability = new double[total + 1]; // of each sum
        probability[0] = 1;
        foreach (var rank in doubled)
        {
            for (var sum = total; sum >= 0; sum--)
                probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
        }
        var positive = doubled.Zip(nonZero).Where(row => row.Second > 0).Sum(row => row.First);
        var smaller = Math.Min(positive, total - positive);
        return Math.Min(1, 2 * probability.Take(smaller + 1).Sum());
    }
}
