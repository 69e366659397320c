namespace UmmRm.Reports;

/// <summary>What a caption says of the seeds behind a figure.</summary>
internal static class SeedWords
{
    /// <summary>A sentence, with a space before it.</summary>
    /// <param name="counts">How many seeds each curve or number is of; they differ while a sweep goes on.</param>
    public static string Of(IReadOnlyList<int> counts) => (counts.Min(), counts.Max()) switch
    {
        (_, 1) => " One seed: there is no interval to show.",
        var (least, most) => $" Means over {(least == most ? $"{most}" : $"{least} to {most}")} seeds, with 95 % intervals; those of few seeds may be wider than the plot.",
    };
}
