using UmmRm.Ppo;

namespace UmmRm.Tests.Ppo;

public sealed class PpoLossTests
{
    private static readonly RlFacts Facts = new("ppo-losses");

    private static readonly PpoLoss Loss = new() { ClipRange = Facts.Number("clip_range"), ValueClipRange = Facts.Number("value_clip_range") };

    [Fact]
    public void Policy_ReferenceTokens_GivesTheReferenceLossGradientsAndFractions()
    {
        var (now, old, advantages) = (Flat("new_log_probs"), Flat("old_log_probs"), Flat("advantages"));
        var losses = now.Select((logProbability, i) => Loss.Policy(logProbability, old[i], advantages[i])).ToArray();
        var ratios = now.Zip(old, (a, b) => Math.Exp(a - b)).ToArray();
        RlFacts.Close(Facts.Number("policy_loss"), losses.Average(loss => loss.Loss));
        RlFacts.Close(Flat("grad_new_log_probs"), [.. losses.Select(loss => loss.Slope / losses.Length)]);
        RlFacts.Close(Facts.Number("clip_fraction"), ratios.Average(ratio => Loss.IsOutside(ratio) ? 1.0 : 0));
        RlFacts.Close(Facts.Number("ratio_mean"), ratios.Average());
    }

    [Fact]
    public void Value_ReferenceTokens_GivesTheReferenceLossGradientsAndFraction()
    {
        var (now, old, returns) = (Flat("new_values"), Flat("old_values"), Flat("returns"));
        var losses = now.Select((value, i) => Loss.Value(value, old[i], returns[i])).ToArray();
        RlFacts.Close(Facts.Number("value_loss"), losses.Average(loss => loss.Loss));
        RlFacts.Close(Flat("grad_new_values"), [.. losses.Select(loss => loss.Slope / losses.Length)]);
        RlFacts.Close(Facts.Number("value_clip_fraction"), losses.Average(loss => loss.Clipped ? 1.0 : 0));
    }

    [Fact]
    public void KlEstimates_ReferenceTokens_GiveTheReferenceMeans()
    {
        var (now, old) = (Flat("new_log_probs"), Flat("old_log_probs"));
        RlFacts.Close(Facts.Number("approx_kl_k1"), old.Zip(now, KlEstimates.K1).Average());
        RlFacts.Close(Facts.Number("approx_kl_k3"), old.Zip(now, KlEstimates.K3).Average());
    }

    [Theory]
    [InlineData(0.3, -1.4)]
    [InlineData(-2.0, 0.7)]
    public void Policy_UnchangedPolicy_LosesMinusItsAdvantage(double logProbability, double advantage) =>
        Assert.Equal(new TokenLoss(-advantage, -advantage, false), Loss.Policy(logProbability, logProbability, advantage));

    private static double[] Flat(string key) => [.. Facts.Rows(key).SelectMany(row => row)];
}
