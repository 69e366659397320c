namespace UmmRm.Ppo;

/// <summary>
/// beta_KL, the price of a nat of divergence from the reference: fixed, or steered towards a target after each iteration (arXiv 1909.08593, section 2.2):
/// beta &lt;- beta (1 + clip(KL / target - 1, -0.2, 0.2) n / horizon), with n responses an iteration.
/// </summary>
public sealed record KlCoefficient
{
    /// <summary>beta at the start, in reward a nat; 0 charges nothing.</summary>
    public double Start { get; init; }

    /// <summary>The divergence to steer towards, in nats a response; null keeps beta fixed.</summary>
    public double? Target { get; init; }

    /// <summary>Responses over which a steady deviation of 20 % changes beta by about 20 %.</summary>
    public double Horizon { get; init; } = 10_000;

    /// <summary>beta after an iteration.</summary>
    /// <param name="coefficient">beta before.</param>
    /// <param name="divergence">The mean KL of its responses, in nats a response.</param>
    /// <param name="responses">How many there were.</param>
    public double Next(double coefficient, double divergence, int responses) =>
        Target is { } target ? coefficient * (1 + Math.Clamp(divergence / target - 1, -0.2, 0.2) * responses / Horizon) : coefficient;
}
