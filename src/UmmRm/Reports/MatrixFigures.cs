using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>Figures of accuracies, merges and transfer.</summary>
public static class MatrixFigures
{
    /// <summary>The exploit-transfer matrix.</summary>
    public static IFigure Transfer(TransferReport transfer) => new HeatMap
    {
        Name = "transfer",
        Title = "Who is fooled by whose policy",
        Caption = $"The final answers of each policy (rows) scored by every reward (columns), in standard deviations above the starting policy's answers{(transfer.Seeds > 1 ? $", mean of {transfer.Seeds} seeds" : "")}. "
            + "Text optimised against one reward that pleases the others too is an exploit that averaging them cannot remove. Gold alone tells improvement from exploit.",
        Rows = transfer.Policies,
        Columns = transfer.Rewards,
        Cells = transfer.Z,
    };

    /// <summary>Accuracies with intervals.</summary>
    public static IFigure Accuracy(AccuracyReport accuracy) => new IntervalChart
    {
        Name = accuracy.Table.Name,
        Title = accuracy.Table.Title,
        Panels = accuracy.Sets,
        Rows = accuracy.Rows,
        Nothing = 0.5,
        Caption = "Share of pairs that a model orders right, with its 95 % interval. The line marks the model that the others are compared with; a dashed line, where it is in view, chance.",
    };

    /// <summary>Merge coefficients and expert usage, a row a layer and merge; null when nothing was merged, or experts differ in number.</summary>
    public static IReadOnlyList<IFigure> Merges(IReadOnlyList<MergeReport> merges)
    {
        if (merges.Count == 0)
            return [];
        var figures = new List<IFigure>
        {
            Shares("merge-coefficients", "Merge coefficients", "The share of each routed expert in the merged model, by layer. Uniform shares have no colour; above them orange, below them blue.",
                [.. merges.Select(merge => (merge.Name, merge.Coefficients))]),
        };
        var used = merges.Where(merge => merge.Usage is not null).DistinctBy(merge => string.Join(' ', merge.Usage!.SelectMany(layer => layer))).ToList();
        if (used.Count > 0)
        {
            figures.Add(Shares("expert-usage", "Expert usage", "The mean gate of each routed expert over the tokens of the calibration pairs, by layer: how much the trained mixture relies on it. Rows are named by the merge that measured it.",
                [.. used.Select(merge => (merge.Name, merge.Usage!))]));
        }
        return figures;
    }

    private static HeatMap Shares(string name, string title, string caption, IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<double>> Shares)> entries)
    {
        var experts = entries.Max(entry => entry.Shares.Max(layer => layer.Count));
        var gaps = new HashSet<int>();
        for (var (index, row) = (0, 0); index < entries.Count - 1; index++)
            gaps.Add(row += entries[index].Shares.Count);
        return new HeatMap
        {
            Name = name,
            Title = title,
            Caption = caption,
            Middle = 1.0 / experts,
            Decimals = 3,
            Gaps = gaps,
            Rows = [.. entries.SelectMany(entry => entry.Shares.Select((_, layer) => $"{entry.Name}, layer {layer}"))],
            Columns = [.. Enumerable.Range(2, experts).Select(expert => $"expert {expert}")],
            Cells = [.. entries.SelectMany(entry => entry.Shares.Select(layer => (IReadOnlyList<double>)[.. layer, .. Enumerable.Repeat(double.NaN, experts - layer.Count)]))],
        };
    }
}
