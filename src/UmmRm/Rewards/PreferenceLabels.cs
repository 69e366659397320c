using UmmRm.Data;
using UmmRm.Runtime;
using UmmRm.Tokenization;

namespace UmmRm.Rewards;

/// <summary>Two completions of one prompt with a label that a reward function gave.</summary>
/// <param name="Index">The row that the two came from.</param>
/// <param name="Chosen">The one labelled as better.</param>
/// <param name="Rejected">The other.</param>
/// <param name="Gap">How far their scores lie apart, in the reward's unit: above 0.</param>
/// <param name="Flipped">Whether label noise made the worse one the chosen one.</param>
public sealed record LabelledPair(int Index, Completion Chosen, Completion Rejected, double Gap, bool Flipped);

/// <summary>Preference labels from a reward function (METHOD 6: both sides scored by gold, the higher is chosen, exact ties dropped).</summary>
/// <param name="Pairs">The labelled pairs, in the rows' order.</param>
/// <param name="Ties">Rows dropped because both sides scored the same.</param>
public sealed record PreferenceLabels(IReadOnlyList<LabelledPair> Pairs, int Ties)
{
    /// <summary>How many labels noise flipped.</summary>
    public int Flipped => Pairs.Count(pair => pair.Flipped);

    /// <summary>Labels pairs by their scores, without noise.</summary>
    /// <param name="first">One completion of each row's prompt.</param>
    /// <param name="second">Another, in the same order.</param>
    /// <param name="gold">Who decides.</param>
    /// <param name="cancellation">Stops the scoring.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a row's prompts differ.</exception>
    /// <exception cref="InvalidDataException">A completion cannot be scored.</exception>
    public static PreferenceLabels Order(IReadOnlyList<Completion> first, IReadOnlyList<Completion> second, IRewardFunction gold, CancellationToken cancellation = default)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"there are {first.Count} first and {second.Count} second completions; a pair needs one of each");
        for (var i = 0; i < first.Count; i++)
        {
            if (!SamePrompt(first[i].Prompt, second[i].Prompt))
                throw new ArgumentException($"row {i}: the two completions answer different prompts; both sides of a pair must answer the same one");
        }
        var scores = FiniteScores.From(gold, [.. first, .. second], cancellation);
        var pairs = new List<LabelledPair>(first.Count);
        for (var i = 0; i < first.Count; i++)
        {
            var gap = scores[i] - scores[first.Count + i];
            if (gap > 0)
                pairs.Add(new(i, first[i], second[i], gap, Flipped: false));
            else if (gap < 0)
                pairs.Add(new(i, second[i], first[i], -gap, Flipped: false));
        }
        return new(pairs, first.Count - pairs.Count);
    }

    /// <summary>The same pairs with each label flipped with a probability, independently.</summary>
    /// <exception cref="ArgumentException">The probability is not in 0..1.</exception>
    public PreferenceLabels WithNoise(double probability, SeededRandom random)
    {
        if (!(probability >= 0 && probability <= 1))
            throw new ArgumentException(FormattableString.Invariant($"noise is {probability}; it must be a probability from 0 to 1: the share of labels that are flipped"));
        return this with
        {
            Pairs = [.. Pairs.Select(pair => random.Chance(probability) ? pair with { Chosen = pair.Rejected, Rejected = pair.Chosen, Flipped = !pair.Flipped } : pair)],
        };
    }

    private static bool SamePrompt(Conversation first, Conversation second) =>
        first.Turns.SequenceEqual(second.Turns) && (first.Input ?? "") == (second.Input ?? "");
}
