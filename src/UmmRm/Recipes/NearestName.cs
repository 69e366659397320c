namespace UmmRm.Recipes;

/// <summary>The name that somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The candidate at the smallest edit distance, when that is at most a third of the word's length (at least 1); else null.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        var best = candidates.Select(c => (Name: c, Distance: Distance(word.ToLowerInvariant(), c.ToLowerInvariant()))).OrderBy(c => c.Distance).FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(1, word.Length / 3) ? best.Name : null;
    }

    /// <summary>Ready for the end of a message: "; did you mean x?", or the whole list when nothing is near and it is short.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> candidates)
    {
        if (To(word, candidates) is { } near)
            return $"; did you mean {near}?";
        return candidates.Count == 0 ? "" : $"; there is {string.Join(", ", candidates.Order(StringComparer.Ordinal))}";
    }

    /// <summary>Edits (insert, delete, replace, swap neighbours) that turn one word into the other.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Max(a.Length, b.Length) > 64)
            return int.MaxValue;
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
