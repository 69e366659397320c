namespace UmmRm.Ppo;

/// <summary>Adds up what an iteration's updates did: each minibatch's mean over its tokens, and then the mean over minibatches, as TRL does.</summary>
internal sealed class PpoTally
{
    private readonly List<Dictionary<string, double>> _minibatches = [];
    private Sums _sums = new();

    /// <summary>Begins a minibatch.</summary>
    public void Begin() => _sums = new Sums();

    /// <summary>Adds tokens of the minibatch; called by one thread at a time.</summary>
    public void Add(TokenLoss policy, TokenLoss value, double logRatio, bool outside)
    {
        _sums.Tokens++;
        _sums.Policy += policy.Loss;
        _sums.Value += value.Loss;
        _sums.Ratio += Math.Exp(logRatio);
        _sums.SquaredLogRatio += logRatio * logRatio;
        _sums.Outside += outside ? 1 : 0;
        _sums.ValueClipped += value.Clipped ? 1 : 0;
    }

    /// <summary>The loss of the minibatch so far, for a check that it is finite.</summary>
    public double Loss => _sums.Policy + _sums.Value;

    /// <summary>Ends a minibatch.</summary>
    /// <param name="norm">Its gradient norm.</param>
    public void End(double norm) => _minibatches.Add(new Dictionary<string, double>
    {
        ["loss/policy_avg"] = _sums.Policy / _sums.Tokens,
        ["loss/value_avg"] = _sums.Value / _sums.Tokens,
        ["policy/approxkl_avg"] = 0.5 * _sums.SquaredLogRatio / _sums.Tokens,
        ["policy/clipfrac_avg"] = _sums.Outside / _sums.Tokens,
        ["val/clipfrac_avg"] = _sums.ValueClipped / _sums.Tokens,
        ["val/ratio"] = _sums.Ratio / _sums.Tokens,
        ["grad_norm"] = norm,
    });

    /// <summary>The means over minibatches, and the variance of their ratios.</summary>
    public Dictionary<string, double> Metrics()
    {
        var metrics = _minibatches[0].Keys.ToDictionary(name => name, name => _minibatches.Average(minibatch => minibatch[name]));
        var mean = metrics["val/ratio"];
        metrics["val/ratio_var"] = _minibatches.Sum(minibatch => (minibatch["val/ratio"] - mean) * (minibatch["val/ratio"] - mean)) / Math.Max(1, _minibatches.Count - 1);
        return metrics;
    }

    private sealed class Sums
    {
        public double Tokens, Policy, Value, Ratio, SquaredLogRatio, Outside, ValueClipped;
    }
}
