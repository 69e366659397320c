using UmmRm.Data;

namespace UmmRm.Ppo;

/// <summary>One response that the policy drew, with what policy, reference and value head say of it; each array has an entry a response token, the end token included.</summary>
public sealed record Rollout
{
    /// <summary>Index of the prompt among those that were asked.</summary>
    public required int Prompt { get; init; }

    /// <summary>Prompt and response as texts: what a reward function scores.</summary>
    public required Completion Completion { get; init; }

    /// <summary>Prompt and response as the policy's token ids.</summary>
    public required EncodedText Text { get; init; }

    /// <summary>log pi of each token when it was drawn, in nats.</summary>
    public required double[] LogProbabilities { get; init; }

    /// <summary>log pi_ref.</summary>
    public required double[] ReferenceLogProbabilities { get; init; }

    /// <summary>V of the state before each token.</summary>
    public required double[] Values { get; init; }

    /// <summary>The policy's entropy where it drew each token, in nats.</summary>
    public required double[] Entropies { get; init; }

    /// <summary>Response tokens.</summary>
    public int Length => LogProbabilities.Length;

    /// <summary>k1 summed over the response: nats.</summary>
    public double KlK1 => Sum(KlEstimates.K1);

    /// <summary>k3 summed over the response: nats.</summary>
    public double KlK3 => Sum(KlEstimates.K3);

    private double Sum(Func<double, double, double> estimate) => LogProbabilities.Zip(ReferenceLogProbabilities, estimate).Sum();
}
