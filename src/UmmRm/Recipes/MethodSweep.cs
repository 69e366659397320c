using System.Globalization;
using UmmRm.Evaluation;
using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Finds in recipes, or over the places of a grid, policies whose rewards differ in one setting of the method alone: alpha, k, or the method of merging.</summary>
/// <param name="points">Each place's recipe, what it showed, and its verdicts.</param>
internal sealed class MethodSweep(IReadOnlyList<(Recipe? Recipe, PointReport Report, IReadOnlyList<HackingVerdict> Verdicts)> points)
{
    private const string Unmerged = "unmerged";

    /// <summary>Gold by each setting, for every group with two values of it at least.</summary>
    public IReadOnlyList<SettingReport> Settings()
    {
        var found = Places().ToList();
        if (points.Count > 1 && found.DistinctBy(place => (place.Merge, place.TopK, place.Alpha)).Count() < found.Count)
            return [.. points.SelectMany(point => new MethodSweep([point]).Settings())]; // the grid changes something else: a figure for each of its places
        return
        [
            .. Groups(MethodSetting.Alpha, found, place => $"{place.How}, k = {place.TopK}", place => (Text(place.Alpha), place.Alpha)),
            .. Groups(MethodSetting.TopK, found, place => $"{place.How}, alpha = {Text(place.Alpha)}", place => (Text(place.TopK), place.TopK)),
            .. Groups(MethodSetting.Merge, found, place => $"k = {place.TopK}, alpha = {Text(place.Alpha)}", place => (place.Merge, double.NaN)),
        ];
    }

    private IEnumerable<PolicyPlace> Places() =>
        points.Where(point => point.Recipe is not null).SelectMany(point => point.Report.Methods.Select(method => Place(point.Recipe!, method, point.Verdicts))).OfType<PolicyPlace>().Where(place => place.Curves.Count > 0);

    /// <summary>The policy that the verdict compares with, at the first place; null where there is none yet.</summary>
    private BaselineReport? Baseline()
    {
        var (recipe, report, _) = points[0];
        var against = recipe?.Stages.OfType<VerdictStage>().FirstOrDefault()?.Against.Target;
        return report.Methods.FirstOrDefault(method => method.Name == against) is { } method && Whole(method.Curves) is { Count: > 0 } curves ? new(method.Name, method.Look, Peak(curves), End(curves)) : null;
    }

    private IEnumerable<SettingReport> Groups(MethodSetting setting, IReadOnlyList<PolicyPlace> found, Func<PolicyPlace, string> group, Func<PolicyPlace, (string Text, double Number)> value)
    {
        var taken = new Dictionary<MethodFamily, int>();
        foreach (var places in found.GroupBy(group))
        {
            var different = places.DistinctBy(place => value(place).Text).ToList();
            if (different.Count < 2)
                continue;
            var family = different[0].Family;
            var look = new Look(Palette.Of(family, taken[family] = taken.GetValueOrDefault(family, -1) + 1));
            yield return new SettingReport(setting, points.Count == 1 ? points[0].Report.Name : "", places.Key, look, Baseline(), [.. different.OrderBy(place => value(place).Number).Select(place => new SettingPoint(value(place).Text, value(place).Number, Peak(place.Curves), End(place.Curves), place.Difference))]);
        }
    }

    private static PolicyPlace? Place(Recipe recipe, MethodReport method, IReadOnlyList<HackingVerdict> verdicts)
    {
        if (Find(recipe, method.Name) is not PpoStage { Shaping: ShapingKind.None, KlCoefficient: 0 } policy)
            return null;
        var reward = Find(recipe, policy.Proxy.Target);
        var merge = reward is MergeStage { Coefficients: null } merged ? merged.Method switch { MergeMethod.ExpectedGate => "expected gates", var other => other.ToString().ToLowerInvariant() } : Unmerged;
        for (var stage = reward; stage is not null;)
        {
            switch (stage)
            {
                case UpcycleStage upcycle:
                    return new(merge, upcycle.Moe.TopK, upcycle.Moe.SharedExpertWeight, Whole(method.Curves), verdicts.FirstOrDefault(verdict => verdict.Method == method.Name)?.Against);
                case MergeStage { Coefficients: null } of:
                    stage = Find(recipe, of.Model.Target);
                    break;
                case RewardStage trained:
                    stage = Find(recipe, trained.Model.Target);
                    break;
                default:
                    return null;
            }
        }
        return null;
    }

    private static Stage? Find(Recipe recipe, string name) => recipe.Stages.FirstOrDefault(stage => stage.Name == name);

    /// <summary>The curves that have come furthest, watched by gold in both halves.</summary>
    private static List<ProxyGoldCurve> Whole(IReadOnlyList<ProxyGoldCurve> curves)
    {
        var watched = curves.Where(curve => curve.Evaluations.All(e => e.Gold is not null && e.GoldHalves is { Count: 2 })).ToList();
        return watched.FindAll(curve => curve.Evaluations[^1].Step == watched.Max(other => other.Evaluations[^1].Step));
    }

    private static OverSeeds Peak(IReadOnlyList<ProxyGoldCurve> curves) => OverSeeds.Of(curves, curve => GoldPeak.Of(curve).Gold);

    private static OverSeeds End(IReadOnlyList<ProxyGoldCurve> curves) => OverSeeds.Of(curves, curve => curve.Evaluations[^1].Gold!.Value);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A policy whose reward is a mixture or was made from one.</summary>
    private sealed record PolicyPlace(string Merge, int TopK, double Alpha, IReadOnlyList<ProxyGoldCurve> Curves, PairedDifferences? Difference)
    {
        public MethodFamily Family => Merge == Unmerged ? MethodFamily.Mixture : MethodFamily.Merged;

        public string How => Merge == Unmerged ? Unmerged : $"merged ({Merge})";
    }
}
