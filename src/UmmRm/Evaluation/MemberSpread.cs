using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>How far the members of a group of rewards disagree: the single experts of a mixture, or reward models that were trained separately.</summary>
/// <param name="Group">What they are members of.</param>
/// <param name="Members">Their names.</param>
/// <param name="Spread">
/// Mean over responses of the standard deviation over members (divided by members - 1), each member's scores taken from their own mean over all responses, in the mean
/// standard deviation of a member's scores over responses. 0: all say the same; 1: as much as responses differ.
/// </param>
/// <param name="Interval">Its interval, by the bootstrap over prompts.</param>
/// <param name="Sensitivities">Each member's sensitivity to all kinds of small changes, see <see cref="RewardSensitivity"/>.</param>
/// <param name="Accuracies">Each member's share of pairs whose chosen side scores higher.</param>
public sealed record MemberSpread(string Group, IReadOnlyList<string> Members, double Spread, Interval Interval, IReadOnlyList<double> Sensitivities, IReadOnlyList<double> Accuracies)
{
    /// <summary>The spread of members' scores.</summary>
    /// <param name="scores">[member][response], two members at least.</param>
    /// <param name="prompts">The prompt of each response.</param>
    /// <param name="seed">Fixes the bootstrap's draws.</param>
    /// <exception cref="ArgumentException">There are fewer than two members, or none varies.</exception>
    public static (double Spread, Interval Interval) Of(IReadOnlyList<double[]> scores, IReadOnlyList<string> prompts, long seed)
    {
        if (scores.Count < 2)
            throw new ArgumentException($"there is {scores.Count} member; a spread needs two at least");
        var summaries = scores.Select(ScoreSummary.Of).ToList();
        var unit = summaries.Average(summary => summary.StandardDeviation);
        if (unit == 0)
            throw new ArgumentException("every member scores all responses alike; there is nothing to compare their disagreement with");
        var spreads = Enumerable.Range(0, scores[0].Length).Select(i => ScoreSummary.Of([.. scores.Zip(summaries, (own, summary) => own[i] - summary.Mean)]).StandardDeviation / unit).ToList();
        return (spreads.Average(), ClusterBootstrap.OfMean(spreads, prompts, new SeededRandom(seed)));
    }
}
