using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>Adds up a step's portions into TRL's reward metrics: means over the step's pairs, not means of the portions' means.</summary>
internal sealed class RewardTally
{
    private readonly List<double> _chosen = [];
    private readonly List<double> _rejected = [];

    /// <summary>The step's mean loss.</summary>
    public double Loss { get; private set; }

    /// <summary>Real tokens computed.</summary>
    public long Tokens { get; private set; }

    /// <summary>Adds a portion.</summary>
    /// <param name="losses">[n] loss of each pair.</param>
    /// <param name="scores">[n, 2] chosen and rejected.</param>
    /// <param name="tokens">Real tokens of the portion.</param>
    /// <param name="pairsOfStep">Pairs of the whole step.</param>
    public void Add(Tensor losses, Tensor scores, long tokens, int pairsOfStep)
    {
        Tokens += tokens;
        Loss += losses.detach().to_type(ScalarType.Float64).sum().item<double>() / pairsOfStep;
        using var host = scores.detach().to_type(ScalarType.Float64).cpu().contiguous();
        var values = host.data<double>().ToArray();
        for (var i = 0; i < values.Length; i += 2)
        {
            _chosen.Add(values[i]);
            _rejected.Add(values[i + 1]);
        }
    }

    /// <summary>The metrics of scores under TRL's names; a tie is not accurate.</summary>
    public Dictionary<string, double> Metrics()
    {
        var rewards = _chosen.Concat(_rejected).ToList();
        return new Dictionary<string, double>
        {
            ["loss"] = Loss,
            ["accuracy"] = _chosen.Zip(_rejected, (c, r) => c > r ? 1.0 : 0).Average(),
            ["margin"] = _chosen.Zip(_rejected, (c, r) => c - r).Average(),
            ["min_reward"] = rewards.Min(),
            ["mean_reward"] = rewards.Average(),
            ["max_reward"] = rewards.Max(),
        };
    }

    /// <summary>The same with what an update adds.</summary>
    public IReadOnlyDictionary<string, double> Metrics(double gradientNorm, double learningRate)
    {
        var metrics = Metrics();
        metrics["num_tokens"] = Tokens;
        metrics["grad_norm"] = gradientNorm;
        metrics["learning_rate"] = learningRate;
        return metrics;
    }
}
