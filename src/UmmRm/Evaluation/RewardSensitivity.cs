using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>A changed response: which one it was, and how it was changed.</summary>
/// <param name="Response">Its index among the unchanged ones.</param>
/// <param name="Kind">The change.</param>
public sealed record PerturbedResponse(int Response, Perturbation Kind);

/// <summary>How far one kind of change moves a reward, in standard deviations of its scores of the unchanged responses; intervals by the bootstrap over prompts.</summary>
/// <param name="Perturbation">The kind; null for all of them together, each response's mean over its changes.</param>
/// <param name="Responses">How many responses could be changed so.</param>
/// <param name="Mean">Mean of |changed - unchanged|.</param>
/// <param name="Interval">Its interval.</param>
/// <param name="Shift">Mean of changed - unchanged: below 0 where the change is disliked.</param>
/// <param name="Difference">Mean minus the first reward's; null for the first.</param>
/// <param name="DifferenceInterval">Its interval, paired by response.</param>
public sealed record SensitivityMeasure(Perturbation? Perturbation, int Responses, double Mean, Interval Interval, double Shift, double? Difference, Interval? DifferenceInterval);

/// <summary>How sensitive a reward is to small changes of a response (METHOD 8; the paper's III-C explains merging by it).</summary>
/// <param name="Reward">The reward's name.</param>
/// <param name="StandardDeviation">Of its scores of the unchanged responses: the unit of the measures.</param>
/// <param name="Measures">All kinds together first, then each.</param>
public sealed record RewardSensitivity(string Reward, double StandardDeviation, IReadOnlyList<SensitivityMeasure> Measures)
{
    /// <summary>Measures rewards on the same responses and the same changes of them.</summary>
    /// <param name="prompts">The prompt of each unchanged response.</param>
    /// <param name="changes">The changed ones.</param>
    /// <param name="rewards">Each reward's name, its scores of the unchanged responses, and of the changed ones; the others are compared with the first.</param>
    /// <param name="seed">Fixes the bootstrap's draws, which are the same for all.</param>
    /// <exception cref="ArgumentException">There is no change, or a reward scores all unchanged responses alike.</exception>
    public static IReadOnlyList<RewardSensitivity> Of(IReadOnlyList<string> prompts, IReadOnlyList<PerturbedResponse> changes, IReadOnlyList<(string Name, double[] Unchanged, double[] Changed)> rewards, long seed)
    {
        if (changes.Count == 0)
            throw new ArgumentException("no response could be changed: all are shorter than two words, or longer than the rewards read");
        var first = rewards[0];
        return [.. rewards.Select((reward, index) => new RewardSensitivity(reward.Name, Unit(reward), [.. Enum.GetValues<Perturbation>().Select(kind => (Perturbation?)kind).Prepend(null)
            .Where(kind => kind is null || changes.Any(change => change.Kind == kind))
            .Select(kind => Measure(kind, prompts, Moves(reward, changes, kind), index == 0 ? null : Moves(first, changes, kind), seed))]))];
    }

    private static SensitivityMeasure Measure(Perturbation? kind, IReadOnlyList<string> prompts, IReadOnlyList<Move> own, IReadOnlyList<Move>? first, long seed)
    {
        var clusters = own.Select(move => prompts[move.Response]).ToList();
        Interval Between(IReadOnlyList<double> values) => ClusterBootstrap.OfMean(values, clusters, new SeededRandom(seed));
        var sizes = own.Select(move => move.Size).ToList();
        var differences = first?.Zip(own, (other, move) => move.Size - other.Size).ToList();
        return new(kind, own.Count, sizes.Average(), Between(sizes), own.Average(move => move.Signed), differences?.Average(), differences is null ? null : Between(differences));
    }

    /// <summary>A move a response that could be changed, in the reward's unit.</summary>
    private static List<Move> Moves((string Name, double[] Unchanged, double[] Changed) reward, IReadOnlyList<PerturbedResponse> changes, Perturbation? kind)
    {
        var unit = Unit(reward);
        return [.. changes.Index().Where(change => kind is null || change.Item.Kind == kind).GroupBy(change => change.Item.Response, change => (reward.Changed[change.Index] - reward.Unchanged[change.Item.Response]) / unit)
            .Select(moves => new Move(moves.Key, moves.Average(Math.Abs), moves.Average()))];
    }

    private static double Unit((string Name, double[] Unchanged, double[] Changed) reward) => ScoreSummary.Of(reward.Unchanged).StandardDeviation is > 0 and var deviation
        ? deviation
        : throw new ArgumentException($"{reward.Name} scores all {reward.Unchanged.Length} responses alike; a reward that does not vary has no sensitivity");

    private readonly record struct Move(int Response, double Size, double Signed);
}
