using UmmRm.Data;

namespace UmmRm.Evaluation;

/// <summary>Preference pairs with one model's scores of both sides.</summary>
public sealed class PairScores
{
    /// <summary>Puts pairs and scores together.</summary>
    /// <param name="pairs">At least one pair.</param>
    /// <param name="chosen">The score of each chosen side.</param>
    /// <param name="rejected">The score of each rejected side.</param>
    /// <exception cref="ArgumentException">There are no pairs, or not two scores for each.</exception>
    /// <exception cref="InvalidDataException">A score is not finite; the message names the pair's index and origin.</exception>
    public PairScores(IReadOnlyList<PreferencePair> pairs, IReadOnlyList<double> chosen, IReadOnlyList<double> rejected)
    {
        if (pairs.Count == 0)
            throw new ArgumentException("there are no pairs to evaluate on; were all rows dropped?");
        if (chosen.Count != pairs.Count || rejected.Count != pairs.Count)
            throw new ArgumentException($"{pairs.Count} pairs have {chosen.Count} chosen and {rejected.Count} rejected scores; each pair needs one of each");
        for (var i = 0; i < pairs.Count; i++)
        {
            if (!double.IsFinite(chosen[i]) || !double.IsFinite(rejected[i]))
                throw new InvalidDataException($"pair {i} ({pairs[i].Origin}) scores {chosen[i]} (chosen) and {rejected[i]} (rejected); a score must be a finite number: look at that text, or at the model that scored it");
        }
        (Pairs, Chosen, Rejected) = (pairs, chosen, rejected);
        Prompts = [.. pairs.Select(pair => pair.PromptKey)];
    }

    /// <summary>The pairs.</summary>
    public IReadOnlyList<PreferencePair> Pairs { get; }

    /// <summary>The score of each chosen side.</summary>
    public IReadOnlyList<double> Chosen { get; }

    /// <summary>The score of each rejected side.</summary>
    public IReadOnlyList<double> Rejected { get; }

    /// <summary>Each pair's prompt, to tell which pairs share one.</summary>
    public IReadOnlyList<string> Prompts { get; }

    /// <summary>Whether the chosen side of a pair scores higher; a tie is wrong.</summary>
    public bool IsRight(int pair) => Chosen[pair] > Rejected[pair];
}
