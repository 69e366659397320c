using UmmRm.Ppo;

namespace UmmRm.Tests.Ppo;

public sealed class KlTests
{
    private static readonly RlFacts Facts = new("kl");

    [Fact]
    public void KlEstimates_ReferenceDistributions_GiveTheReferenceValues()
    {
        var (policy, reference) = (RlFacts.Table(Facts.Root.GetProperty("policy_log_probs")), RlFacts.Table(Facts.Root.GetProperty("reference_log_probs")));
        var tokens = RlFacts.Table(Facts.Root.GetProperty("tokens"));
        RlFacts.Close(RlFacts.Vector(Facts.Root.GetProperty("exact_kl")), [.. policy.Zip(reference, (p, q) => KlEstimates.Exact(p, q))]);
        foreach (var (name, estimate) in new (string, Func<double, double, double>)[] { ("k1", KlEstimates.K1), ("k2", KlEstimates.K2), ("k3", KlEstimates.K3) })
            RlFacts.Close(RlFacts.Table(Facts.Root.GetProperty(name)), [.. tokens.Select((row, i) => row.Select(token => estimate(policy[i][(int)token], reference[i][(int)token])).ToArray())]);
    }

    [Fact]
    public void KlEstimates_EqualPolicies_AreZero()
    {
        var policy = RlFacts.Table(Facts.Root.GetProperty("policy_log_probs"))[0];
        Assert.Equal(0, KlEstimates.Exact(policy, policy));
        Assert.All(policy, p => Assert.Equal((0, 0, 0), (KlEstimates.K1(p, p), KlEstimates.K2(p, p), KlEstimates.K3(p, p))));
    }

    [Fact]
    public void KlEstimates_WeighedByThePolicy_K1AndK3AreUnbiased()
    {
        var (policy, reference) = (RlFacts.Table(Facts.Root.GetProperty("policy_log_probs"))[1], RlFacts.Table(Facts.Root.GetProperty("reference_log_probs"))[1]);
        double Expected(Func<double, double, double> estimate) => policy.Zip(reference, (p, q) => Math.Exp(p) * estimate(p, q)).Sum();
        RlFacts.Close(KlEstimates.Exact(policy, reference), Expected(KlEstimates.K1), 1e-9);
        RlFacts.Close(KlEstimates.Exact(policy, reference), Expected(KlEstimates.K3), 1e-9);
    }

    [Fact]
    public void KlCoefficient_Adaptive_FollowsTheReferenceController()
    {
        var facts = Facts.Root.GetProperty("adaptive_controller");
        var coefficient = new KlCoefficient { Start = facts.GetProperty("start").GetDouble(), Target = facts.GetProperty("target").GetDouble(), Horizon = facts.GetProperty("horizon").GetDouble() };
        var values = new List<double> { coefficient.Start };
        foreach (var divergence in RlFacts.Vector(facts.GetProperty("kl")))
            values.Add(coefficient.Next(values[^1], divergence, facts.GetProperty("n").GetInt32()));
        RlFacts.Close(RlFacts.Vector(facts.GetProperty("coefficients")), [.. values]);
    }

    [Fact]
    public void KlCoefficient_WithoutATarget_Stays() => Assert.Equal(0.05, new KlCoefficient { Start = 0.05 }.Next(0.05, 40, 256));
}
