namespace UmmRm.Evaluation;

/// <summary>
/// Where gold stood highest, without the optimism of choosing a maximum among noisy numbers: the evaluation is chosen on one half of the evaluation prompts and read on the other, both ways, and the two are averaged (METHOD 8).
/// </summary>
/// <param name="Gold">Gold there.</param>
/// <param name="Fall">Gold there minus gold at the end, on the same prompts: the over-optimisation.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Kl">KL from the starting policy in nats a response.</param>
public sealed record GoldPeak(double Gold, double Fall, double Step, double Kl)
{
    /// <summary>The peak of a curve that gold watched.</summary>
    /// <exception cref="ArgumentException">Nobody watched.</exception>
    public static GoldPeak Of(ProxyGoldCurve curve)
    {
        if (curve.Evaluations.Any(evaluation => evaluation.GoldHalves is not { Count: 2 }))
            throw new ArgumentException("the curve has no gold scores over both halves of the evaluation prompts; only a run that gold watched has a peak");
        var (first, second) = (Chosen(curve, by: 0), Chosen(curve, by: 1));
        var end = curve.Evaluations[^1];
        return new(
            (first.GoldHalves![1] + second.GoldHalves![0]) / 2,
            (first.GoldHalves[1] - end.GoldHalves![1] + second.GoldHalves[0] - end.GoldHalves[0]) / 2,
            (first.Step + second.Step) / 2.0,
            (first.Kl + second.Kl) / 2);
    }

    private static PolicyEvaluation Chosen(ProxyGoldCurve curve, int by) => curve.Evaluations.MaxBy(evaluation => evaluation.GoldHalves![by])!;
}
