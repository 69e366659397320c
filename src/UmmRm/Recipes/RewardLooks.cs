using UmmRm.Figures;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>Gives every reward of a recipe, and every policy trained against one, a colour that it has in all figures of a report.</summary>
internal sealed class RewardLooks
{
    private readonly Recipe? _recipe;
    private readonly Dictionary<string, Look> _looks = [];
    private readonly Dictionary<MethodFamily, int> _taken = [];
    private readonly string? _baseline;

    /// <summary>Policies first, so that their proxies have the strongest colours.</summary>
    /// <param name="recipe">The recipe, or null when it cannot be read: then all colours are of one kind.</param>
    /// <param name="policies">The ppo stages' names.</param>
    public RewardLooks(Recipe? recipe, IEnumerable<string> policies)
    {
        _recipe = recipe;
        _baseline = recipe?.Stages.OfType<VerdictStage>().FirstOrDefault()?.Against.Target;
        foreach (var policy in policies)
            _looks[policy] = OfPolicy(policy);
    }

    /// <summary>How a ppo stage, or a reward, is drawn.</summary>
    public Look Of(string stage)
    {
        if (!_looks.TryGetValue(stage, out var look))
            _looks[stage] = look = new Look(Next(FamilyOf(stage)));
        return look;
    }

    /// <summary>What a reward is.</summary>
    public MethodFamily FamilyOf(string reward) => Find(reward) switch
    {
        RewardStage stage => Find(stage.Model.Target) is UpcycleStage or RewardStage { } && IsMixture(stage.Model.Target) ? MethodFamily.Mixture : MethodFamily.Dense,
        UpcycleStage => MethodFamily.Mixture,
        MergeStage => MethodFamily.Merged,
        EnsembleStage => MethodFamily.Ensemble,
        AverageStage => MethodFamily.Average,
        _ => MethodFamily.Other,
    };

    private Look OfPolicy(string policy)
    {
        if (Find(policy) is not PpoStage stage)
            return new Look(Next(MethodFamily.Other));
        var family = FamilyOf(stage.Proxy.Target);
        var variant = stage.KlCoefficient > 0 || stage.Shaping != ShapingKind.None;
        if (variant || _looks.ContainsKey(stage.Proxy.Target))
            return new Look(Next(family), policy == _baseline, Dashed: true);
        return _looks[stage.Proxy.Target] = new Look(Next(family), policy == _baseline);
    }

    private bool IsMixture(string stage) => Find(stage) is UpcycleStage || (Find(stage) is RewardStage reward && IsMixture(reward.Model.Target));

    private Stage? Find(string name) => _recipe?.Stages.FirstOrDefault(stage => stage.Name == name);

    private Ink Next(MethodFamily family) => Palette.Of(family, _taken[family] = _taken.GetValueOrDefault(family, -1) + 1);
}
