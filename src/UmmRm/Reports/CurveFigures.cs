using UmmRm.Evaluation;
using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>Figures of trainings: gold and proxy by updates, method by method, and gold by divergence (METHOD 8). Gold is raw, proxies are z-scores of the starting policy's answers.</summary>
public static class CurveFigures
{
    private const string Updates = "updates";

    /// <summary>Gold, proxy, and gold by divergence, as far as there are numbers.</summary>
    /// <param name="methods">The trainings.</param>
    /// <param name="shiftMinimum">The paper's way: each curve is shifted so that its minimum is 0, which makes methods incomparable.</param>
    public static IReadOnlyList<IFigure> Of(IReadOnlyList<MethodReport> methods, bool shiftMinimum = false)
    {
        var watched = methods.Where(method => method.Curves.Any(curve => curve.Evaluations.Count > 0 && curve.Evaluations.All(e => e.Gold is not null))).ToList();
        var shifted = shiftMinimum ? " Each curve is shifted so that its minimum is 0, as in the paper: heights of different curves must not be compared." : "";
        var figures = new List<IFigure>();
        if (watched.Count > 0)
        {
            figures.Add(new LineChart
            {
                Name = "gold",
                Title = "Gold while policies are trained",
                XTitle = Updates,
                YTitle = shiftMinimum ? "gold reward minus its minimum" : "gold reward (raw)",
                Caption = $"The reward that only watches, on the evaluation prompts. Where it falls while its proxy still rises, the proxy is being hacked.{Bands(watched)}{shifted}",
                Series = [.. watched.Select(method => Series(method, e => e.Step, e => e.Gold!.Value, shiftMinimum))],
            });
            if (EachMethod(watched, shiftMinimum) is { } each)
                figures.Add(each);
            figures.Add(new LineChart
            {
                Name = "gold-by-kl",
                Title = "Gold by how far the policy went",
                XTitle = "√KL from the starting policy (√nats a response)",
                YTitle = shiftMinimum ? "gold reward minus its minimum" : "gold reward (raw)",
                Caption = $"Part of a late difference is how far a policy travelled; at equal divergence, that is at one place across, methods can be compared.{shifted}",
                Dots = true,
                Series = [.. watched.Select(method => Series(method, e => Math.Sqrt(Math.Max(0, e.Kl)), e => e.Gold!.Value, shiftMinimum))],
            });
        }
        if (methods.Any(method => method.Curves.Any(curve => curve.Evaluations.Count > 0)))
        {
            figures.Add(new LineChart
            {
                Name = "proxy",
                Title = "Proxy rewards on the same answers",
                XTitle = Updates,
                YTitle = "proxy (SD of the starting policy's answers)",
                Caption = $"What each policy is trained on, in standard deviations above the starting policy's answers. Every method has a proxy of its own: heights are not comparable between methods.{Bands(methods)}{shifted}",
                Series = [.. methods.Where(method => method.Curves.Any(curve => curve.Evaluations.Count > 0)).Select(method => Series(method, e => e.Step, e => e.ProxyZ, shiftMinimum))],
            });
        }
        return figures;
    }

    /// <summary>A plot a method: its gold over that of the first, and its proxy; null where there are fewer than two methods.</summary>
    private static PanelChart? EachMethod(IReadOnlyList<MethodReport> watched, bool shiftMinimum)
    {
        if (watched.Count < 2)
            return null;
        var gold = Series(watched[0], e => e.Step, e => e.Gold!.Value, shiftMinimum);
        var first = new LineSeries($"gold under {gold.Name}", Palette.Muted, [.. gold.Points.Select(p => new CurvePoint(p.X, p.Y))]);
        return new PanelChart
        {
            Name = "methods",
            Title = "Method by method",
            XTitle = Updates,
            YTitle = "gold (raw), proxy (SD)",
            Caption = $"Gold (raw, thick) over that of {watched[0].Name} (grey), and dashed the method's own proxy, in standard deviations above the starting policy's answers.{Bands(watched)}",
            Legend = [new("gold", Palette.Text, []) { Strong = true }, new("proxy", Palette.Text, []) { Dashed = true }, new(first.Name, first.Ink, [])],
            Panels =
            [
                .. watched.Select((method, index) => new Panel(method.Name, method.Look.Ink,
                [
                    .. index == 0 ? [] : new[] { first },
                    Series(method, e => e.Step, e => e.ProxyZ, shiftMinimum) with { Name = "proxy", Strong = false, Dashed = true },
                    Series(method, e => e.Step, e => e.Gold!.Value, shiftMinimum) with { Name = "gold", Strong = true, Dashed = false },
                ])),
            ],
        };
    }

    /// <summary>The mean over those seeds that have come furthest, evaluation by evaluation, with a 95 % interval where there are several.</summary>
    private static LineSeries Series(MethodReport method, Func<PolicyEvaluation, double> x, Func<PolicyEvaluation, double> y, bool shift)
    {
        var curves = Furthest(method);
        var points = new List<CurvePoint>();
        foreach (var step in curves[0].Evaluations.Select(e => e.Step))
        {
            var here = curves.Select(curve => curve.Evaluations.FirstOrDefault(e => e.Step == step)).OfType<PolicyEvaluation>().ToList();
            if (here.Count < curves.Count)
                continue;
            var values = new OverSeeds([.. here.Select(y)]);
            points.Add(new CurvePoint(here.Average(x), values.Mean, values.Interval?.Low, values.Interval?.High));
        }
        var lowest = shift ? points.Min(p => p.Y) : 0;
        return new LineSeries(method.Name, method.Look.Ink, [.. points.Select(p => new CurvePoint(p.X, p.Y - lowest, p.Low - lowest, p.High - lowest))]) { Strong = method.Look.Strong, Dashed = method.Look.Dashed };
    }

    private static List<ProxyGoldCurve> Furthest(MethodReport method)
    {
        var curves = method.Curves.Where(curve => curve.Evaluations.Count > 0).ToList();
        var furthest = curves.Max(curve => curve.Evaluations[^1].Step);
        return curves.FindAll(curve => curve.Evaluations[^1].Step == furthest);
    }

    private static string Bands(IReadOnlyList<MethodReport> methods) => SeedWords.Of([.. methods.Where(method => method.Curves.Any(curve => curve.Evaluations.Count > 0)).Select(method => Furthest(method).Count)]);
}
