namespace UmmRm.Evaluation;

/// <summary>Do two measurements order the same things alike? From -1 (reversed) to 1 (the same order).</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's rho: the correlation of the ranks; equal numbers share their mean rank. NaN when a list does not vary.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or have fewer than two numbers.</exception>
    public static double Spearman(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        Check(first, second);
        double[] a = Ranks(first), b = Ranks(second);
        var mean = (a.Length + 1) / 2.0;
        var covariance = a.Zip(b).Sum(pair => (pair.First - mean) * (pair.Second - mean));
        return covariance / Math.Sqrt(a.Sum(rank => (rank - mean) * (rank - mean)) * b.Sum(rank => (rank - mean) * (rank - mean)));
    }

    /// <summary>Kendall's tau-b: concordant minus discordant pairs over the geometric mean of the pairs that each list orders. NaN when a list does not vary.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or have fewer than two numbers.</exception>
    public static double KendallTauB(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        Check(first, second);
        long agreement = 0, orderedFirst = 0, orderedSecond = 0;
        for (var i = 0; i < first.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                int a = first[i].CompareTo(first[j]), b = second[i].CompareTo(second[j]);
                agreement += a * b;
                orderedFirst += a * a;
                orderedSecond += b * b;
            }
        }
        return agreement / Math.Sqrt((double)orderedFirst * orderedSecond);
    }

    /// <summary>1 for the smallest number up to their count for the largest; equal numbers share the mean of their ranks.</summary>
    internal static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        var before = 0;
        foreach (var group in values.Index().GroupBy(value => value.Item, value => value.Index).OrderBy(group => group.Key))
        {
            var places = group.ToList();
            foreach (var place in places)
                ranks[place] = before + ((places.Count + 1) / 2.0);
            before += places.Count;
        }
        return ranks;
    }

    private static void Check(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count || first.Count < 2)
            throw new ArgumentException($"a rank correlation of {first.Count} and {second.Count} numbers; there must be equally many, and at least 2");
    }
}
