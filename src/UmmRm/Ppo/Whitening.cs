namespace UmmRm.Ppo;

/// <summary>Over which tokens advantages are whitened.</summary>
public enum WhiteningScope
{
    /// <summary>All response tokens of an iteration's rollouts, once.</summary>
    Rollout,

    /// <summary>Those of each minibatch, as trlx does.</summary>
    Minibatch,
}

/// <summary>Brings advantages to mean 0 and variance 1.</summary>
public static class Whitening
{
    private const double Epsilon = 1e-8;

    /// <summary>(A - mean) / sqrt(variance + 1e-8) over all tokens of all responses, the variance unbiased. A single token becomes 0.</summary>
    /// <param name="advantages">An array a response, an entry a token.</param>
    /// <returns>New arrays of the same shape.</returns>
    public static double[][] Of(IReadOnlyList<double[]> advantages)
    {
        var count = advantages.Sum(response => response.Length);
        var mean = advantages.Sum(response => response.Sum()) / Math.Max(1, count);
        var squares = advantages.Sum(response => response.Sum(a => (a - mean) * (a - mean)));
        var scale = Math.Sqrt(squares / Math.Max(1, count - 1) + Epsilon);
        return [.. advantages.Select(response => Array.ConvertAll(response, a => (a - mean) / scale))];
    }
}
