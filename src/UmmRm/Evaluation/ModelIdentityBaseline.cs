namespace UmmRm.Evaluation;

/// <summary>
/// What is reached by knowing who wrote the answers and nothing else: the better author is the one that won the larger share of its training pairs.
/// A reward model that does not beat it may have learned to recognise authors.
/// </summary>
public sealed class ModelIdentityBaseline
{
    private readonly Dictionary<string, double> _winRates;

    private ModelIdentityBaseline(Dictionary<string, double> winRates) => _winRates = winRates;

    /// <summary>Each author's share of training pairs won, for reports.</summary>
    public IReadOnlyDictionary<string, double> WinRates => _winRates;

    /// <summary>Counts wins.</summary>
    /// <param name="trainingPairs">Who wrote the two sides of each training pair.</param>
    public static ModelIdentityBaseline Fit(IEnumerable<(string ChosenModel, string RejectedModel)> trainingPairs) =>
        new(trainingPairs
            .SelectMany(pair => new[] { (Model: pair.ChosenModel, Won: 1.0), (Model: pair.RejectedModel, Won: 0.0) })
            .GroupBy(side => side.Model, side => side.Won)
            .ToDictionary(group => group.Key, group => group.Average()));

    /// <summary>For each pair 1 where the chosen side's author is the better one, 0 where the other is, one half where both are as good or one was never seen in training.</summary>
    public double[] Outcomes(IEnumerable<(string ChosenModel, string RejectedModel)> pairs) =>
    [
        .. pairs.Select(pair => _winRates.TryGetValue(pair.ChosenModel, out var chosen) && _winRates.TryGetValue(pair.RejectedModel, out var rejected)
            ? PairwiseAccuracy.Outcome(chosen, rejected)
            : 0.5),
    ];
}
