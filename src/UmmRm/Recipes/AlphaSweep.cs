using UmmRm.Evaluation;
using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Finds in recipes, or over the places of a grid, policies whose rewards differ in the shared expert's weight alone.</summary>
internal static class AlphaSweep
{
    /// <summary>Gold by alpha, for every group with two values of it at least.</summary>
    public static IReadOnlyList<AlphaPoint> Of(IReadOnlyList<(Recipe? Recipe, PointReport Report)> points)
    {
        var found = new List<(string Group, MethodFamily Family, double Alpha, IReadOnlyList<ProxyGoldCurve> Curves)>();
        foreach (var (recipe, report) in points.Where(point => point.Recipe is not null))
        {
            foreach (var method in report.Methods)
            {
                if (Find(recipe!, method.Name) is PpoStage { Shaping: ShapingKind.None, KlCoefficient: 0 } policy && Describe(recipe!, policy.Proxy.Target) is { } reward)
                    found.Add((reward.Group, reward.Family, reward.Alpha, Whole(method.Curves)));
            }
        }
        var groups = found.Where(entry => entry.Curves.Count > 0).GroupBy(entry => entry.Group).Where(group => group.Select(entry => entry.Alpha).Distinct().Count() > 1);
        var taken = new Dictionary<MethodFamily, int>();
        return
        [
            .. groups.SelectMany(group =>
            {
                var family = group.First().Family;
                var look = new Look(Palette.Of(family, taken[family] = taken.GetValueOrDefault(family, -1) + 1));
                return group.DistinctBy(entry => entry.Alpha).Select(entry => new AlphaPoint(group.Key, look, entry.Alpha,
                    new OverSeeds([.. entry.Curves.Select(curve => GoldPeak.Of(curve).Gold)]), OverSeeds.Of(entry.Curves, curve => curve.Evaluations[^1].Gold!.Value)));
            }),
        ];
    }

    /// <summary>The curves that have come furthest, watched by gold in both halves.</summary>
    private static List<ProxyGoldCurve> Whole(IReadOnlyList<ProxyGoldCurve> curves)
    {
        var watched = curves.Where(curve => curve.Evaluations.All(e => e.Gold is not null && e.GoldHalves is { Count: 2 })).ToList();
        return watched.FindAll(curve => curve.Evaluations[^1].Step == watched.Max(other => other.Evaluations[^1].Step));
    }

    /// <summary>The mixture that a reward is or was made from, in words, and its alpha; null when it is none.</summary>
    private static (string Group, MethodFamily Family, double Alpha)? Describe(Recipe recipe, string reward)
    {
        var how = Find(recipe, reward) is MergeStage merge ? $"merged ({merge.Method.ToString().ToLowerInvariant()})" : "unmerged";
        for (var stage = Find(recipe, reward); stage is not null;)
        {
            switch (stage)
            {
                case UpcycleStage upcycle:
                    return ($"{how}, k = {upcycle.Moe.TopK}", how == "unmerged" ? MethodFamily.Mixture : MethodFamily.Merged, upcycle.Moe.SharedExpertWeight);
                case MergeStage merged:
                    stage = Find(recipe, merged.Model.Target);
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
}
