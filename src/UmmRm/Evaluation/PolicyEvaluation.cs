namespace UmmRm.Evaluation;

/// <summary>A policy on the evaluation prompts at one point of its training; means over responses unless it says otherwise.</summary>
public sealed record PolicyEvaluation
{
    /// <summary>Iterations done.</summary>
    public required long Iteration { get; init; }

    /// <summary>Updates done.</summary>
    public required long Step { get; init; }

    /// <summary>The proxy's score as it gives it.</summary>
    public required double Proxy { get; init; }

    /// <summary>The same in standard deviations of the starting policy's scores, from their mean.</summary>
    public required double ProxyZ { get; init; }

    /// <summary>ProxyZ minus the mean of the referees' z-scores, each on its own scale of the starting policy's scores: what the proxy alone believes. null without referees.</summary>
    public double? RefereeGap { get; init; }

    /// <summary>The gold score; null where nobody watches.</summary>
    public double? Gold { get; init; }

    /// <summary>The gold score over the prompts of even and of odd index, apart: a peak is chosen on one and read on the other.</summary>
    public IReadOnlyList<double>? GoldHalves { get; init; }

    /// <summary>What gold is made of, where it says so, by name.</summary>
    public IReadOnlyDictionary<string, double>? GoldParts { get; init; }

    /// <summary>KL from the starting policy by k1, in nats a response.</summary>
    public required double Kl { get; init; }

    /// <summary>The same by k3.</summary>
    public required double KlK3 { get; init; }

    /// <summary>k1 in nats a token: over all response tokens alike.</summary>
    public required double KlPerToken { get; init; }

    /// <summary>k3 in nats a token.</summary>
    public required double KlK3PerToken { get; init; }

    /// <summary>Tokens of a response, its end marker included.</summary>
    public required double ResponseLength { get; init; }

    /// <summary>Share of the responses that ended by themselves.</summary>
    public required double EosRate { get; init; }

    /// <summary>Share of a response's 4-grams of tokens that occurred in it before (seq-rep-4, arXiv 1908.04319); 0 for a response that is shorter.</summary>
    public required double Repetition { get; init; }

    /// <summary>log-probability of a response under the starting policy, in nats.</summary>
    public required double ReferenceLogProbability { get; init; }

    /// <summary>The numbers as they are logged.</summary>
    public IReadOnlyDictionary<string, double> Metrics()
    {
        var metrics = new Dictionary<string, double> { ["eval_proxy"] = Proxy, ["eval_proxy_z"] = ProxyZ };
        if (RefereeGap is { } gap)
            metrics["eval_referee_gap"] = gap;
        if (Gold is { } gold)
            metrics["eval_gold"] = gold;
        foreach (var (half, value) in (GoldHalves ?? []).Index())
            metrics[$"eval_gold_half_{half}"] = value;
        foreach (var (part, value) in GoldParts ?? new Dictionary<string, double>())
            metrics[$"eval_gold_{part}"] = value;
        metrics["eval_kl"] = Kl;
        metrics["eval_kl_k3"] = KlK3;
        metrics["eval_kl_per_token"] = KlPerToken;
        metrics["eval_kl_k3_per_token"] = KlK3PerToken;
        metrics["eval_response_length"] = ResponseLength;
        metrics["eval_eos_rate"] = EosRate;
        metrics["eval_repetition"] = Repetition;
        metrics["eval_reference_log_probability"] = ReferenceLogProbability;
        return metrics;
    }

    /// <summary>seq-rep-n: 1 - distinct n-grams / n-grams; 0 where there is none.</summary>
    public static double RepetitionOf(ReadOnlySpan<int> tokens, int n = 4)
    {
        var count = tokens.Length - n + 1;
        if (count < 1)
            return 0;
        var seen = new HashSet<string>();
        for (var i = 0; i < count; i++)
            seen.Add(string.Join(' ', tokens.Slice(i, n).ToArray()));
        return 1 - (double)seen.Count / count;
    }
}
