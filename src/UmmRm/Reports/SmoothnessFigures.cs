using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>Figures of what rewards do without training: best-of-n, and how far small changes of a response move them.</summary>
public static class SmoothnessFigures
{
    /// <summary>Gold of the best of n by divergence, a curve a reward.</summary>
    public static IFigure BestOfN(BestOfNReport report) => new LineChart
    {
        Name = report.Table.Name,
        Title = "Gold of the best of n answers",
        XTitle = "KL from the policy, log n - (n - 1) / n (nats)",
        YTitle = "gold reward (raw)",
        Dots = true,
        Series = report.Curves,
        Caption = $"Optimisation without training: {report.Answers}; each reward chooses the best of n = 1, 2, 4, ... of the same answers, and gold judges the choice. Dashed: gold itself chooses, the most that is to be had. "
            + "Bands overlap because all choose among the same answers; the table has paired differences.",
    };

    /// <summary>How far small changes move each reward, and how far members of groups disagree.</summary>
    public static IEnumerable<IFigure> Sensitivity(SensitivityReport report)
    {
        yield return new IntervalChart
        {
            Name = report.Table.Name,
            Title = "How far a small change of a response moves each reward",
            Panels = report.Kinds,
            Rows = report.Rows,
            Caption = "Mean of |changed - unchanged| in standard deviations of the reward's scores: a word dropped, doubled, two swapped, a punctuation mark dropped; with 95 % intervals. Less is smoother. The line marks the reward that the others are compared with.",
        };
        if (report.Groups.Count > 0)
        {
            yield return new IntervalChart
            {
                Name = $"{report.Table.Name}-spread",
                Title = "How far members of a group disagree",
                Panels = ["spread"],
                Rows = report.Groups,
                Caption = "Standard deviation over members of their scores of a response, in standard deviations over responses: 0 where all say the same, 1 where members differ as much as responses do. Single experts are each merged alone with the shared one.",
            };
        }
    }
}
