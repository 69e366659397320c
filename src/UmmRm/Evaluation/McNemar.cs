using System.Text.Json.Serialization;

namespace UmmRm.Evaluation;

/// <summary>
/// McNemar's test of whether two models are right equally often, from the pairs on which just one of them is. It takes pairs to be independent;
/// where prompts repeat, trust the interval of <see cref="AccuracyComparison"/> instead.
/// </summary>
/// <param name="OnlyFirst">b: pairs that only the first model has right.</param>
/// <param name="OnlySecond">c: pairs that only the second model has right.</param>
public sealed record McNemar(
    [property: JsonPropertyName("only_first")] int OnlyFirst,
    [property: JsonPropertyName("only_second")] int OnlySecond)
{
    /// <summary>Two-sided p-value of the exact test: how likely b of b + c fair coins fall at least as unevenly.</summary>
    [JsonPropertyName("p_exact")]
    public double ExactP
    {
        get
        {
            int fewer = Math.Min(OnlyFirst, OnlySecond), more = Math.Max(OnlyFirst, OnlySecond);
            return fewer == more ? 1 : Math.Min(1, 2 * SpecialFunctions.IncompleteBeta(more, fewer + 1, 0.5)); // P(X <= k) of n is I_1/2(n - k, k + 1)
        }
    }

    /// <summary>Edwards' corrected statistic, max(0, |b - c| - 1)^2 / (b + c); chi-square with one degree of freedom. 0 when the models never differ.</summary>
    [JsonPropertyName("chi_square_corrected")]
    public double CorrectedChiSquare =>
        OnlyFirst + OnlySecond == 0 ? 0 : Math.Pow(Math.Max(0, Math.Abs(OnlyFirst - OnlySecond) - 1), 2) / (OnlyFirst + OnlySecond);

    /// <summary>p-value of <see cref="CorrectedChiSquare"/>.</summary>
    [JsonPropertyName("p_chi_square")]
    public double ChiSquareP => SpecialFunctions.Erfc(Math.Sqrt(CorrectedChiSquare / 2));
}
