using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Accuracies as a table: a row a model, a column a data set, the baselines below.</summary>
public static class AccuracyTable
{
    /// <summary>Lays out results; a star marks a model whose difference to the one it was compared with has an interval without 0.</summary>
    public static ResultTable Of(IReadOnlyList<AccuracyResult> results)
    {
        var sets = results.Select(r => r.Set).Distinct().ToList();
        var table = new ResultTable([new TableColumn("model"), .. sets.Select(set => new TableColumn(set, RightAligned: true))]);
        foreach (var model in results.GroupBy(r => r.Model))
            table.Add([model.Key, .. sets.Select(set => Cell(model.First(r => r.Set == set)))]);
        table.Add(["longer answer wins", .. sets.Select(set => results.First(r => r.Set == set).Accuracy).Select(a => TableCell.Share(a.LengthBaseline, a.LengthBaselineInterval))]);
        if (results.All(r => r.Accuracy.ModelBaseline is not null))
            table.Add(["better author wins", .. sets.Select(set => results.First(r => r.Set == set).Accuracy).Select(a => TableCell.Share(a.ModelBaseline!.Value, a.ModelBaselineInterval!.Value))]);
        table.Add(["pairs (prompts)", .. sets.Select(set => results.First(r => r.Set == set).Accuracy).Select(a => (TableCell)$"{a.Pairs} ({a.Prompts})")]);
        return table;
    }

    private static TableCell Cell(AccuracyResult result)
    {
        var cell = TableCell.Share(result.Accuracy.Accuracy, result.Accuracy.Interval);
        var differs = result.Accuracy.Against is { DifferenceInterval: var d } && (d.Low > 0 || d.High < 0);
        return cell with { Text = cell.Text + (differs ? "*" : " ") };
    }
}
