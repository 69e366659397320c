using System.Text.Json.Serialization;

namespace UmmRm.Evaluation;

/// <summary>What became of gold under one method, over seeds (METHOD 8). Proxies are z-scores of their own starting samples and are not compared across methods.</summary>
public sealed record HackingVerdict
{
    /// <summary>The method's name: the ppo stage's.</summary>
    public required string Method { get; init; }

    /// <summary>Gold of the starting policy.</summary>
    public required OverSeeds GoldStart { get; init; }

    /// <summary>Gold at its peak, see <see cref="Evaluation.GoldPeak"/>.</summary>
    public required OverSeeds GoldPeak { get; init; }

    /// <summary>Gold of the final policy.</summary>
    public required OverSeeds GoldEnd { get; init; }

    /// <summary>Gold at its peak minus gold at the end.</summary>
    public required OverSeeds OverOptimisation { get; init; }

    /// <summary>Updates at the peak.</summary>
    public required OverSeeds PeakStep { get; init; }

    /// <summary>KL from the starting policy at the peak, in nats a response.</summary>
    public required OverSeeds PeakKl { get; init; }

    /// <summary>The same at the end.</summary>
    public required OverSeeds EndKl { get; init; }

    /// <summary>The proxy's z-score at the end.</summary>
    public required OverSeeds ProxyEnd { get; init; }

    /// <summary>Tokens of a final response.</summary>
    public required OverSeeds LengthEnd { get; init; }

    /// <summary>Share of the final responses that ended by themselves.</summary>
    public required OverSeeds EosRateEnd { get; init; }

    /// <summary>Repetition in the final responses.</summary>
    public required OverSeeds RepetitionEnd { get; init; }

    /// <summary>Final gold minus the baseline's, paired by seed; null for the baseline and with one seed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PairedDifferences? Against { get; init; }

    /// <summary>Gold that each stop rule would have kept, by the rule's name; null with one seed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, OverSeeds>? Stopped { get; init; }

    /// <summary>Whether gold fell from its peak: with several seeds the interval of the fall lies above 0, with one the fall itself does.</summary>
    public bool Hacked => OverOptimisation.Interval is { } interval ? interval.Low > 0 : OverOptimisation.Mean > 0;

    /// <summary>Judges every method.</summary>
    /// <param name="curves">Method to its curves, one a seed, all in the same order of seeds.</param>
    /// <param name="against">The method that the others are compared with.</param>
    /// <exception cref="ArgumentException">A method lacks a seed, or was not watched by gold.</exception>
    public static IReadOnlyList<HackingVerdict> Of(IReadOnlyDictionary<string, IReadOnlyList<ProxyGoldCurve>> curves, string against)
    {
        var baseline = curves[against];
        if (curves.FirstOrDefault(entry => entry.Value.Count != baseline.Count) is { Key: { } odd })
            throw new ArgumentException($"{odd} has {curves[odd].Count} runs and {against} has {baseline.Count}; methods are compared seed by seed");
        return [.. curves.Select(entry => Of(entry.Key, entry.Value, entry.Key == against || baseline.Count < 2 ? null : Ends(baseline)))];
    }

    private static HackingVerdict Of(string method, IReadOnlyList<ProxyGoldCurve> curves, double[]? baseline)
    {
        var peaks = curves.Select(Evaluation.GoldPeak.Of).ToList();
        return new HackingVerdict
        {
            Method = method,
            GoldStart = OverSeeds.Of(curves, curve => curve.Evaluations[0].Gold!.Value),
            GoldPeak = new([.. peaks.Select(peak => peak.Gold)]),
            GoldEnd = new(Ends(curves)),
            OverOptimisation = new([.. peaks.Select(peak => peak.Fall)]),
            PeakStep = new([.. peaks.Select(peak => peak.Step)]),
            PeakKl = new([.. peaks.Select(peak => peak.Kl)]),
            EndKl = OverSeeds.Of(curves, curve => curve.Evaluations[^1].Kl),
            ProxyEnd = OverSeeds.Of(curves, curve => curve.Evaluations[^1].ProxyZ),
            LengthEnd = OverSeeds.Of(curves, curve => curve.Evaluations[^1].ResponseLength),
            EosRateEnd = OverSeeds.Of(curves, curve => curve.Evaluations[^1].EosRate),
            RepetitionEnd = OverSeeds.Of(curves, curve => curve.Evaluations[^1].Repetition),
            Against = baseline is null ? null : PairedDifferences.Of(baseline, Ends(curves)),
            Stopped = curves.Count < 2 ? null : StopRule.For(curves).ToDictionary(rule => rule.Name, rule => rule.GoldKept(curves)),
        };
    }

    private static double[] Ends(IReadOnlyList<ProxyGoldCurve> curves) => [.. curves.Select(curve => curve.Evaluations[^1].Gold!.Value)];

    /// <summary>What was found, in a few sentences.</summary>
    /// <param name="verdicts">Every method's.</param>
    /// <param name="against">The baseline's name.</param>
    public static string InWords(IReadOnlyList<HackingVerdict> verdicts, string against) => $"{WhoWasHacked(verdicts, against)} {Comparison(verdicts, against)}".TrimEnd();

    /// <summary>What became of the baseline, and how many methods were hacked by the same criterion.</summary>
    /// <param name="verdicts">Every method's.</param>
    /// <param name="against">The baseline's name.</param>
    public static string WhoWasHacked(IReadOnlyList<HackingVerdict> verdicts, string against) => $"{Fate(verdicts.Single(verdict => verdict.Method == against))} {Count(verdicts)}".TrimEnd();

    /// <summary>Whose gold differs from the baseline's at the end; with one seed, that nothing can be said.</summary>
    /// <param name="verdicts">Every method's.</param>
    /// <param name="against">The baseline's name.</param>
    public static string Comparison(IReadOnlyList<HackingVerdict> verdicts, string against) => Comparison(verdicts.Single(verdict => verdict.Method == against), [.. verdicts.Where(verdict => verdict.Method != against)]);

    private static string Fate(HackingVerdict baseline)
    {
        var seeds = baseline.GoldEnd.Values.Count;
        var rose = baseline.PeakStep.Mean > 0 && baseline.GoldPeak.Mean > baseline.GoldStart.Mean;
        var course = rose
            ? FormattableString.Invariant($"gold went from {baseline.GoldStart.Mean:0.00} to {baseline.GoldPeak.Mean:0.00} (step {baseline.PeakStep.Mean:0}, {baseline.PeakKl.Mean:0.0} nats)")
            : FormattableString.Invariant($"gold never rose above its start of {baseline.GoldStart.Mean:0.00}");
        return FormattableString.Invariant($"{baseline.Method} {(baseline.Hacked ? "was hacked" : "was not hacked, as far as this shows")}: {course} and ended at {baseline.GoldEnd.Mean:0.00} while the proxy rose by {baseline.ProxyEnd.Mean:0.0} standard deviations ({(seeds == 1 ? "one seed" : $"mean of {seeds} seeds")}).");
    }

    /// <summary>How many methods were hacked by the one criterion.</summary>
    private static string Count(IReadOnlyList<HackingVerdict> verdicts)
    {
        if (verdicts.Count < 2)
            return "";
        var (hacked, spared) = (verdicts.Where(verdict => verdict.Hacked).Select(verdict => verdict.Method).ToList(), verdicts.Where(verdict => !verdict.Hacked).Select(verdict => verdict.Method).ToList());
        var criterion = verdicts[0].GoldEnd.Values.Count == 1 ? "gold ends below its peak" : "the interval of gold's fall from its peak lies above 0";
        var which = (hacked.Count, spared.Count) switch
        {
            (_, 0) => $"all {verdicts.Count} methods were",
            (0, _) => $"none of the {verdicts.Count} methods was",
            _ when spared.Count <= hacked.Count => $"{hacked.Count} of the {verdicts.Count} methods were, all but {string.Join(", ", spared)}",
            _ => $"{hacked.Count} of the {verdicts.Count} methods {(hacked.Count == 1 ? "was" : "were")}: {string.Join(", ", hacked)}",
        };
        return $"By that measure ({criterion}) {which}.";
    }

    private static string Comparison(HackingVerdict baseline, IReadOnlyList<HackingVerdict> others)
    {
        if (others.Count == 0)
            return "";
        if (baseline.GoldEnd.Values.Count < 2)
            return "One seed compares nothing: reward models of one method differ by seed as much as methods do.";
        var better = others.Where(other => other.Against!.Interval.Low > 0).ToList();
        var worse = others.Where(other => other.Against!.Interval.High < 0).ToList();
        var unclear = others.Except(better).Except(worse).ToList();
        List<string> sentences = [];
        if (better.Count > 0)
            sentences.Add($"Higher gold at the end than {baseline.Method}: {string.Join(", ", better.Select(Named))}.");
        if (worse.Count > 0)
            sentences.Add($"Lower: {string.Join(", ", worse.Select(Named))}.");
        if (unclear.Count > 0)
        {
            var reach = unclear.Select(other => (other.Against!.Interval.High - other.Against.Interval.Low) / 2).ToList();
            sentences.Add(FormattableString.Invariant($"No difference found: {string.Join(", ", unclear.Select(Named))}; these seeds could have shown one of about {reach.Min():0.00} to {reach.Max():0.00}."));
        }
        sentences.Add(FormattableString.Invariant($"{others.Count} methods were compared, of which {0.05 * others.Count:0.0} would differ by chance alone."));
        return string.Join(' ', sentences);
    }

    private static string Named(HackingVerdict verdict) =>
        FormattableString.Invariant($"{verdict.Method} {verdict.Against!.Mean:+0.00;-0.00;0.00} [{verdict.Against.Interval.Low:+0.00;-0.00;0.00}, {verdict.Against.Interval.High:+0.00;-0.00;0.00}]");
}
