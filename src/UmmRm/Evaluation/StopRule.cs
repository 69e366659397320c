namespace UmmRm.Evaluation;

/// <summary>A rule that ends a training without seeing gold: at the first evaluation at which a number passes a threshold.</summary>
/// <param name="Name">What is watched.</param>
/// <param name="Measure">That number; larger means further from the start.</param>
public sealed record StopRule(string Name, Func<PolicyEvaluation, double> Measure)
{
    /// <summary>A KL budget, in nats a response.</summary>
    public static StopRule Kl { get; } = new("KL from the starting policy", evaluation => evaluation.Kl);

    /// <summary>The rules, none of which sees gold.</summary>
    public static IReadOnlyList<StopRule> All { get; } =
    [
        Kl,
        new("proxy's z-score", evaluation => evaluation.ProxyZ),
        new("improbability under the starting policy", evaluation => -evaluation.ReferenceLogProbability),
        new("repetition", evaluation => evaluation.Repetition),
        new("response length", evaluation => evaluation.ResponseLength),
        new("gap to the referees", evaluation => evaluation.RefereeGap ?? double.NaN),
    ];

    /// <summary>The rules whose number every evaluation has.</summary>
    public static IEnumerable<StopRule> For(IReadOnlyList<ProxyGoldCurve> curves) => All.Where(rule => curves.All(curve => curve.Evaluations.All(evaluation => !double.IsNaN(rule.Measure(evaluation)))));

    /// <summary>Gold where the rule stops a run: at the first evaluation whose number exceeds the threshold, else at the end.</summary>
    public double GoldAt(ProxyGoldCurve curve, double threshold) => curve.StoppedBy(this, threshold).Evaluations[^1].Gold!.Value;

    /// <summary>Gold that the rule keeps of each seed's run when its threshold is the best one for the other seeds.</summary>
    /// <param name="curves">A curve a seed; two at least.</param>
    /// <exception cref="ArgumentException">There is one seed only, so that there are no others to choose by.</exception>
    public OverSeeds GoldKept(IReadOnlyList<ProxyGoldCurve> curves)
    {
        if (curves.Count < 2)
            throw new ArgumentException($"a stop rule's threshold is chosen on other seeds, and there is {curves.Count} seed");
        return new([.. curves.Select((own, seed) => GoldAt(own, Best([.. curves.Where((_, other) => other != seed)])))]);
    }

    /// <summary>The threshold with the highest mean gold; of several the largest, so that a rule that never helps never stops.</summary>
    private double Best(IReadOnlyList<ProxyGoldCurve> curves) =>
        curves.SelectMany(curve => curve.Evaluations).Select(Measure).Append(double.PositiveInfinity).Distinct().OrderDescending()
            .MaxBy(threshold => curves.Average(curve => GoldAt(curve, threshold)));
}
