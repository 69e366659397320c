namespace UmmRm.Ppo;

/// <summary>A token's part of a loss.</summary>
/// <param name="Loss">Its value.</param>
/// <param name="Slope">Its derivative by the quantity that is learned.</param>
/// <param name="Clipped">Whether the clipped form exceeds the plain one.</param>
public readonly record struct TokenLoss(double Loss, double Slope, bool Clipped);

/// <summary>METHOD 7's clipped losses (arXiv 1707.06347) of single response tokens, with their derivatives; the loss of a step is their mean over its tokens.</summary>
public sealed record PpoLoss
{
    /// <summary>epsilon: the ratio is clipped to 1 +- this; above 0.</summary>
    public double ClipRange { get; init; } = 0.2;

    /// <summary>A value is clipped to the old one +- this; above 0.</summary>
    public double ValueClipRange { get; init; } = 0.2;

    /// <summary>c_V, the value loss's weight beside the policy's.</summary>
    public double ValueCoefficient { get; init; } = 1;

    /// <summary>max(-A rho, -A clip(rho, 1 - epsilon, 1 + epsilon)), rho = exp(log pi - log pi_old), and its derivative by log pi.</summary>
    /// <param name="logProbability">log pi of the token, now.</param>
    /// <param name="oldLogProbability">log pi when it was drawn.</param>
    /// <param name="advantage">A.</param>
    public TokenLoss Policy(double logProbability, double oldLogProbability, double advantage)
    {
        var ratio = Math.Exp(logProbability - oldLogProbability);
        var plain = -advantage * ratio;
        var clipped = -advantage * Math.Clamp(ratio, 1 - ClipRange, 1 + ClipRange);
        return clipped > plain ? new TokenLoss(clipped, 0, true) : new TokenLoss(plain, plain, false);
    }

    /// <summary>Whether a ratio lies outside 1 +- epsilon: what the clip fraction counts.</summary>
    public bool IsOutside(double ratio) => Math.Abs(ratio - 1) > ClipRange;

    /// <summary>1/2 max((V - R)^2, (clip(V, V_old +- range) - R)^2), and its derivative by V.</summary>
    /// <param name="value">V, now.</param>
    /// <param name="oldValue">V when the response was drawn.</param>
    /// <param name="returned">R, the return.</param>
    public TokenLoss Value(double value, double oldValue, double returned)
    {
        var plain = value - returned;
        var clipped = Math.Clamp(value, oldValue - ValueClipRange, oldValue + ValueClipRange) - returned;
        return clipped * clipped > plain * plain ? new TokenLoss(0.5 * clipped * clipped, 0, true) : new TokenLoss(0.5 * plain * plain, plain, false);
    }
}
