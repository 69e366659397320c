namespace UmmRm.Evaluation;

/// <summary>The few functions that exact p-values and t-intervals need.</summary>
internal static class SpecialFunctions
{
    private const double Tiny = 1e-300;

    // Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients); relative error about 1e-15.
    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>ln Gamma(x) for x of at least 1/2.</summary>
    public static double LogGamma(double x)
    {
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
            sum += Lanczos[i] / (x - 1 + i);
        var t = x + 6.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }

    /// <summary>I_x(a, b), the regularised incomplete beta function, for a and b of at least 1/2 and x in 0..1: by its continued fraction (DLMF 8.17.22).</summary>
    public static double IncompleteBeta(double a, double b, double x)
    {
        if (x > (a + 1) / (a + b + 2))
            return 1 - IncompleteBeta(b, a, 1 - x); // the fraction converges fast below this point only
        if (x <= 0)
            return 0;
        var front = Math.Exp((a * Math.Log(x)) + (b * Math.Log(1 - x)) + LogGamma(a + b) - LogGamma(a) - LogGamma(b)) / a;
        return front / ContinuedFraction(m =>
        {
            var k = m / 2;
            return m % 2 == 0
                ? k * (b - k) * x / ((a + m - 1) * (a + m))
                : -(a + k) * (a + b + k) * x / ((a + m - 1) * (a + m));
        }, _ => 1);
    }

    /// <summary>The complementary error function for x of at least 0: the series of erf below 2, Laplace's continued fraction above.</summary>
    public static double Erfc(double x)
    {
        if (x >= 2)
            return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * ContinuedFraction(m => m / 2.0, _ => x, x));
        double term = x, sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 * sum; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }
        return 1 - (2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum);
    }

    /// <summary>The number that |t| stays below with this probability, for Student's t with so many degrees of freedom (at least 1).</summary>
    public static double StudentQuantile(double probabilityWithin, double degreesOfFreedom)
    {
        // P(|t| <= q) = 1 - I_{v / (v + q^2)}(v / 2, 1 / 2), solved for q by halving.
        double low = 0, high = 1;
        while (Within(high) < probabilityWithin)
            high *= 2;
        while (high - low > 1e-15 * high)
        {
            var middle = (low + high) / 2;
            if (middle == low || middle == high)
                break;
            if (Within(middle) < probabilityWithin)
                low = middle;
            else
                high = middle;
        }
        return (low + high) / 2;

        double Within(double q) => 1 - IncompleteBeta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / (degreesOfFreedom + (q * q)));
    }

    /// <summary>b_0 + a_1 / (b_1 + a_2 / (b_2 + ...)) by Lentz's method; b_0 is first.</summary>
    private static double ContinuedFraction(Func<int, double> numerator, Func<int, double> denominator, double first = 1)
    {
        double value = first, c = value, d = 0;
        for (var m = 1; m < 10_000; m++)
        {
            double a = numerator(m), b = denominator(m);
            d = b + (a * d);
            d = 1 / (d == 0 ? Tiny : d);
            c = b + (a / c);
            c = c == 0 ? Tiny : c;
            value *= c * d;
            if (Math.Abs((c * d) - 1) < 1e-16)
                break;
        }
        return value;
    }
}
