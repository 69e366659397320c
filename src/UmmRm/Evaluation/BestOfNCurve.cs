using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>Best-of-n at one n; means over prompts, with 95 % intervals by the bootstrap over prompts.</summary>
/// <param name="N">How many samples the proxy chooses from.</param>
/// <param name="Kl">How far that goes from the policy, in nats: ln n - (n - 1) / n.</param>
/// <param name="Gold">Gold of the chosen sample.</param>
/// <param name="GoldInterval">Its interval.</param>
/// <param name="ProxyZ">The proxy's own score of it, in standard deviations of all samples' scores, from their mean.</param>
/// <param name="Difference">Gold minus that of the first proxy's choice among the same samples; null for the first.</param>
/// <param name="DifferenceInterval">Its interval, paired by prompt.</param>
public sealed record BestOfNPoint(int N, double Kl, double Gold, Interval GoldInterval, double ProxyZ, double? Difference, Interval? DifferenceInterval);

/// <summary>Best-of-n by one proxy for n = 1, 2, 4, ..., N.</summary>
/// <param name="Reward">The proxy's name.</param>
/// <param name="Points">In ascending n.</param>
public sealed record BestOfNCurve(string Reward, IReadOnlyList<BestOfNPoint> Points)
{
    /// <summary>1, 2, 4, ... up to the number of samples, which is the last one even where it is no power of two.</summary>
    public static IReadOnlyList<int> Steps(int samples) => [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(n => n < samples), samples];

    /// <summary>Measures curves of several proxies on the same samples.</summary>
    /// <param name="prompts">Each prompt's text; prompts that repeat are drawn together by the bootstrap.</param>
    /// <param name="gold">[prompt][sample] the gold reward.</param>
    /// <param name="proxies">Each proxy's name and [prompt][sample] scores; gone through once. The others are compared with the first.</param>
    /// <param name="seed">Fixes the bootstrap's draws, which are the same for all.</param>
    /// <exception cref="ArgumentException">There is no prompt, or not as many samples everywhere.</exception>
    public static IReadOnlyList<BestOfNCurve> Of(IReadOnlyList<string> prompts, IReadOnlyList<double[]> gold, IEnumerable<(string Name, IReadOnlyList<double[]> Scores)> proxies, long seed)
    {
        if (prompts.Count == 0 || gold.Count != prompts.Count)
            throw new ArgumentException($"best-of-n has {prompts.Count} prompts and gold scores of {gold.Count}; it needs a prompt at least, and scores for each");
        var samples = gold[0].Length;
        if (gold.Index().FirstOrDefault(prompt => prompt.Item.Length != samples) is { Item: { } odd, Index: var index })
            throw new ArgumentException($"prompt {index} has {odd.Length} samples and prompt 0 has {samples}; every prompt needs as many");
        var steps = Steps(samples);
        var weights = steps.Select(n => BestOfN.Weights(samples, n)).ToList();
        double[][]? first = null;
        return [.. proxies.Select(proxy =>
        {
            var chosen = Chosen(proxy.Scores, gold, weights);
            var curve = new BestOfNCurve(proxy.Name, [.. steps.Zip(ProxyZ(proxy.Scores, weights), (n, z) => (n, z)).Select((step, i) => Point(step.n, step.z, chosen[i], first?[i], prompts, seed))]);
            first ??= chosen;
            return curve;
        })];
    }

    private static BestOfNPoint Point(int n, double proxyZ, double[] gold, double[]? first, IReadOnlyList<string> prompts, long seed)
    {
        Interval Between(double[] values) => ClusterBootstrap.OfMean(values, prompts, new SeededRandom(seed));
        var difference = first is null ? null : gold.Zip(first, (own, other) => own - other).ToArray();
        return new(n, BestOfN.KullbackLeibler(n), gold.Average(), Between(gold), proxyZ, difference?.Average(), difference is null ? null : Between(difference));
    }

    /// <summary>[n][prompt] expected gold of the sample that the proxy chooses.</summary>
    private static double[][] Chosen(IReadOnlyList<double[]> proxy, IReadOnlyList<double[]> gold, IReadOnlyList<double[]> weights)
    {
        var byPrompt = proxy.Select((scores, prompt) => BestOfN.ExpectedGold(scores, gold[prompt], weights)).ToArray();
        return [.. weights.Select((_, n) => byPrompt.Select(values => values[n]).ToArray())];
    }

    /// <summary>[n] the proxy's own mean score of its choice, on the scale of all samples; 0 where it scores all alike.</summary>
    private static double[] ProxyZ(IReadOnlyList<double[]> proxy, IReadOnlyList<double[]> weights)
    {
        var all = ScoreSummary.Of([.. proxy.SelectMany(scores => scores)]);
        return [.. Chosen(proxy, proxy, weights).Select(values => all.StandardDeviation > 0 ? (values.Average() - all.Mean) / all.StandardDeviation : 0)];
    }
}
