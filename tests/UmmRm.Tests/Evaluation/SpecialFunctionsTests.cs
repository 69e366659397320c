using UmmRm.Evaluation;

namespace UmmRm.Tests.Evaluation;

/// <summary>Closed forms, and values of Python's math module.</summary>
public sealed class SpecialFunctionsTests
{
    [Theory]
    [InlineData(0.5, 0.5723649429247001)] // ln sqrt(pi)
    [InlineData(1, 0)]
    [InlineData(5, 3.1780538303479458)] // ln 24
    [InlineData(100.5, 361.4355404677776)]
    [InlineData(5000, 37582.626315685346)]
    public void LogGamma_KnownValues_AreMet(double x, double expected) =>
        Assert.Equal(expected, SpecialFunctions.LogGamma(x), 1e-14 + (1e-11 * expected));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.4795001221869535)]
    [InlineData(1, 0.15729920705028513)]
    [InlineData(1.9999, 0.004679802092970608)]
    [InlineData(2, 0.004677734981047266)]
    [InlineData(3, 2.209049699858544e-05)]
    [InlineData(5, 1.5374597944280347e-12)]
    public void Erfc_KnownValues_AreMet(double x, double expected) =>
        Assert.Equal(expected, SpecialFunctions.Erfc(x), 1e-12 * expected);

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void IncompleteBeta_ClosedForms_AreMet(double x)
    {
        Assert.Equal(Math.Pow(x, 7), SpecialFunctions.IncompleteBeta(7, 1, x), 1e-14);
        Assert.Equal(1 - Math.Pow(1 - x, 4), SpecialFunctions.IncompleteBeta(1, 4, x), 1e-14);
        Assert.Equal(2 / Math.PI * Math.Asin(Math.Sqrt(x)), SpecialFunctions.IncompleteBeta(0.5, 0.5, x), 1e-13);
        Assert.Equal(1, SpecialFunctions.IncompleteBeta(30, 12.5, x) + SpecialFunctions.IncompleteBeta(12.5, 30, 1 - x), 1e-13);
    }

    [Fact]
    public void IncompleteBeta_AtTheEnds_IsZeroAndOne()
    {
        Assert.Equal(0, SpecialFunctions.IncompleteBeta(2, 3, 0));
        Assert.Equal(1, SpecialFunctions.IncompleteBeta(2, 3, 1));
    }

    [Fact]
    public void StudentQuantile_ClosedFormsOfOneAndTwoDegrees_AreMet()
    {
        Assert.Equal(Math.Tan(Math.PI * 0.475), SpecialFunctions.StudentQuantile(0.95, 1), 1e-11);
        Assert.Equal(0.95 * Math.Sqrt(2 / 0.0975), SpecialFunctions.StudentQuantile(0.95, 2), 1e-12);
    }

    [Fact]
    public void StudentQuantile_ManyDegrees_FollowsItsExpansionAboutTheNormal()
    {
        const double Z = Interval.NormalQuantile, V = 1000; // Abramowitz and Stegun 26.7.5; the next term is of order V^-3
        var expected = Z + ((Math.Pow(Z, 3) + Z) / (4 * V)) + (((5 * Math.Pow(Z, 5)) + (16 * Math.Pow(Z, 3)) + (3 * Z)) / (96 * V * V));
        Assert.Equal(expected, SpecialFunctions.StudentQuantile(0.95, V), 1e-8);
    }
}
