using System.Text.Json.Serialization;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>One model on one data set over several seeds of the whole pipeline: reward models differ by seed as much as by method, so only this says something about a method.</summary>
public sealed record AccuracyOverSeeds
{
    /// <summary>The model's name in the recipe.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>The data set's name in the recipe.</summary>
    [JsonPropertyName("set")]
    public required string Set { get; init; }

    /// <summary>Pairwise accuracy of each seed.</summary>
    [JsonPropertyName("accuracies")]
    public required IReadOnlyList<double> Accuracies { get; init; }

    /// <summary>Their mean.</summary>
    [JsonPropertyName("accuracy")]
    public double Mean => Accuracies.Average();

    /// <summary>Accuracy minus that of the model it is compared with, paired by seed; null for that model itself and with one seed.</summary>
    [JsonPropertyName("difference")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PairedDifferences? Difference { get; init; }

    /// <summary>Collects the results of runs of one recipe that differ in their seed.</summary>
    /// <param name="runs">The results of each run.</param>
    /// <param name="against">The model that the others are compared with.</param>
    /// <exception cref="ArgumentException">The runs evaluated different models or data sets.</exception>
    public static IReadOnlyList<AccuracyOverSeeds> Of(IReadOnlyList<IReadOnlyList<AccuracyResult>> runs, string against)
    {
        var keys = runs[0].Select(result => (result.Model, result.Set)).ToList();
        if (runs.Any(run => !run.Select(result => (result.Model, result.Set)).SequenceEqual(keys)))
            throw new ArgumentException("the runs evaluated different models or data sets; runs of one recipe with different seeds are expected");
        var accuracies = keys.Index().ToDictionary(key => key.Item, key => runs.Select(run => run[key.Index].Accuracy.Accuracy).ToArray());
        return
        [
            .. keys.Select(key => new AccuracyOverSeeds
            {
                Model = key.Model,
                Set = key.Set,
                Accuracies = accuracies[key],
                Difference = key.Model == against || runs.Count < 2 ? null : PairedDifferences.Of(accuracies[(against, key.Set)], accuracies[key]),
            }),
        ];
    }

    /// <summary>A row a model, a column a data set: mean accuracy, and the mean difference with its interval.</summary>
    public static ResultTable Table(IReadOnlyList<AccuracyOverSeeds> results)
    {
        var sets = results.Select(r => r.Set).Distinct().ToList();
        var table = new ResultTable([new TableColumn("model"), .. sets.Select(set => new TableColumn(set, RightAligned: true))]);
        foreach (var model in results.GroupBy(r => r.Model))
            table.Add([model.Key, .. sets.Select(set => Cell(model.First(r => r.Set == set)))]);
        return table;
    }

    /// <summary>What these seeds showed, in words: also how small a difference they could have shown.</summary>
    /// <param name="results">All results.</param>
    /// <param name="against">The model that the others were compared with.</param>
    public static string Verdict(IReadOnlyList<AccuracyOverSeeds> results, string against)
    {
        var compared = results.Where(r => r.Difference is not null).ToList();
        var better = compared.Where(r => r.Difference!.Interval.Low > 0).Select(r => $"{r.Model} on {r.Set}").ToList();
        var worse = compared.Where(r => r.Difference!.Interval.High < 0).Select(r => $"{r.Model} on {r.Set}").ToList();
        var reach = compared.Select(r => (r.Difference!.Interval.High - r.Difference.Interval.Low) / 2).Order().ElementAt(compared.Count / 2);
        var found = better.Count + worse.Count == 0 ? $"No difference to {against} was found." : string.Join(' ', Named($"Better than {against}", better), Named("Worse", worse)).Trim();
        return FormattableString.Invariant($"{found} {results[0].Accuracies.Count} seeds, {compared.Count} comparisons, of which {0.05 * compared.Count:0.0} would leave 0 by chance alone; a typical interval reaches {reach:.000} to either side, so smaller differences could not have been seen.");
    }

    private static string Named(string what, List<string> which) => which.Count == 0 ? "" : $"{what}, with an interval that excludes 0: {string.Join(", ", which)}.";

    private static TableCell Cell(AccuracyOverSeeds result)
    {
        var mean = TableCell.Share(result.Mean);
        if (result.Difference is not { } difference)
            return mean;
        var differs = difference.Interval.Low > 0 || difference.Interval.High < 0;
        return mean with { Text = $"{mean.Text} {Signed(difference.Mean)} [{Signed(difference.Interval.Low)}, {Signed(difference.Interval.High)}]{(differs ? "*" : " ")}", Interval = difference.Interval };
    }

    private static string Signed(double value) => (value < 0 ? "-" : "+") + TableCell.Share(Math.Abs(value)).Text;
}
