namespace UmmRm.Ppo;

/// <summary>
/// The divergence KL(policy || reference) in nats: exactly, and estimated from one token that the policy drew. k1 is unbiased and may be negative, k2 is
/// biased and never negative, k3 is unbiased and never negative (Schulman, Approximating KL divergence, 2020).
/// </summary>
public static class KlEstimates
{
    /// <summary>log pi - log pi_ref.</summary>
    public static double K1(double policy, double reference) => policy - reference;

    /// <summary>(log pi - log pi_ref)^2 / 2.</summary>
    public static double K2(double policy, double reference) => 0.5 * (policy - reference) * (policy - reference);

    /// <summary>e^(log pi_ref - log pi) - 1 - (log pi_ref - log pi).</summary>
    public static double K3(double policy, double reference) => Math.Exp(reference - policy) - 1 - (reference - policy);

    /// <summary>sum_i pi_i (log pi_i - log pi_ref,i) of two distributions, given as log-probabilities of the same tokens.</summary>
    public static double Exact(ReadOnlySpan<double> policy, ReadOnlySpan<double> reference)
    {
        var sum = 0.0;
        for (var i = 0; i < policy.Length; i++)
            sum += Math.Exp(policy[i]) * (policy[i] - reference[i]);
        return sum;
    }
}
