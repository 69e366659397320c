using System.CommandLine;
using System.Text.Json;
using UmmRm.Rewards;

namespace UmmRm.Cli;

/// <summary>The options by which a verb names several rewards that score as one, and the rule that makes one score of theirs.</summary>
/// <param name="lambda">uwo's lambda where none is given.</param>
/// <param name="unbiasedVariance">Whether uwo divides the variance by members - 1, as for PPO, or by members, as for accuracy and best-of-n.</param>
internal sealed class EnsembleOptions(double lambda, bool unbiasedVariance)
{
    private readonly Option<string[]> _models = OptionOf.Many("--models", "DIR ...", "an ensemble instead: two or more rewards that score as one");
    private readonly Option<string> _combine = OptionOf.Choice("--combine", "how an ensemble's scores become one: their mean, the worst case, or mean - lambda x variance", "mean", "wco", "uwo");
    private readonly Option<double?> _lambda = OptionOf.Number("--uwo-lambda", "L", FormattableString.Invariant($"uwo: the price of the members' disagreement (default: {lambda})"), 0, 1000);

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IReadOnlyList<Option> All => [_models, _combine, _lambda];

    /// <summary>The members; empty where no ensemble is named.</summary>
    /// <exception cref="UsageException">There is one alone, or a rule without members.</exception>
    public string[] Members(Invocation invocation)
    {
        var members = invocation.Value(_models)!;
        if (members.Length == 1)
            throw new UsageException($"--models names {members[0]} alone; an ensemble has at least two members");
        if (members.Length == 0 && invocation.Value(_combine) != "mean")
            throw new UsageException("--combine says what becomes of several scores; name the members with --models");
        if (invocation.Value(_lambda) is not null && invocation.Value(_combine) != "uwo")
            throw new UsageException("--uwo-lambda belongs to --combine uwo");
        return members;
    }

    /// <summary>The ensemble in words: the rule and the members.</summary>
    public string Name(Invocation invocation) => $"{invocation.Value(_combine)}({string.Join(", ", invocation.Value(_models)!)})";

    /// <summary>The rule.</summary>
    public EnsembleCombination Rule(Invocation invocation) => invocation.Value(_combine) switch
    {
        "wco" => EnsembleCombination.WorstCase,
        "uwo" => EnsembleCombination.UncertaintyWeightedBy(Lambda(invocation), unbiasedVariance ? 1 : 0),
        _ => EnsembleCombination.Mean,
    };

    /// <summary>The keys of an ensemble stage.</summary>
    /// <param name="invocation">The options' values.</param>
    /// <param name="reference">Pairs on which members are given a common scale; null keeps their own.</param>
    public IEnumerable<string> Settings(Invocation invocation, string? reference) =>
    [
        $"models={JsonSerializer.Serialize(Members(invocation))}",
        $"combine={invocation.Value(_combine)}",
        FormattableString.Invariant($"lambda={Lambda(invocation)}"),
        $"unbiased_variance={(unbiasedVariance ? "true" : "false")}",
        reference is null ? "normalise=false" : $"reference.path={reference}",
    ];

    private double Lambda(Invocation invocation) => invocation.Value(_lambda) ?? lambda;
}
