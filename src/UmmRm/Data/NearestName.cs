namespace UmmRm.Data;

/// <summary>Which known word somebody meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest changes of letters, when that is at most half of the longer word; null when none is near.</summary>
    public static string? To(string word, IEnumerable<string> candidates) =>
        candidates.Select(candidate => (candidate, distance: Distance(word, candidate)))
            .Where(c => 2 * c.distance <= Math.Max(word.Length, c.candidate.Length))
            .OrderBy(c => c.distance).ThenBy(c => c.candidate, StringComparer.Ordinal)
            .Select(c => c.candidate).FirstOrDefault();

    /// <summary>Ready for the end of a message: "; did you mean x?", or the whole list when nothing is near.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> candidates)
    {
        if (To(word, candidates) is { } near)
            return $"; did you mean {near}?";
        return candidates.Count == 0 ? "" : $"; there is {string.Join(", ", candidates.Order(StringComparer.Ordinal))}";
    }

    /// <summary>Letters inserted, removed, replaced, or swapped with their neighbour (optimal string alignment), capitals being equal to small letters.</summary>
    public static int Distance(string a, string b)
    {
        (a, b) = (a.ToLowerInvariant(), b.ToLowerInvariant());
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
