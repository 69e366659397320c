using UmmRm.Data;

namespace UmmRm.Rewards;

/// <summary>Several reward functions as one. Members keep the scale that they come with; <see cref="NormalizedOn"/> gives them a common one first.</summary>
public sealed class EnsembleReward : IRewardFunction
{
    private readonly IReadOnlyList<IRewardFunction> _members;
    private readonly EnsembleCombination _combination;

    /// <summary>Combines members as they are.</summary>
    /// <exception cref="ArgumentException">There are too few members for the rule.</exception>
    public EnsembleReward(IReadOnlyList<IRewardFunction> members, EnsembleCombination combination)
    {
        if (members.Count < combination.FewestMembers)
            throw new ArgumentException($"an ensemble that takes the {combination.Description} needs at least {combination.FewestMembers} members; it has {members.Count}");
        (_members, _combination) = (members, combination);
    }

    /// <summary>The members, in the order of their scores.</summary>
    public IReadOnlyList<IRewardFunction> Members => _members;

    /// <summary>The rule that makes one score of theirs.</summary>
    public EnsembleCombination Combination => _combination;

    /// <inheritdoc/>
    public string Name => $"{_combination.Name}({string.Join(", ", _members.Select(member => member.Name))})";

    /// <summary>
    /// Combines members that are first given mean 0 and standard deviation 1 on the same reference samples: without it the scale of one
    /// member may decide.
    /// </summary>
    /// <exception cref="ArgumentException">There are too few members for the rule, or a member does not vary on the samples.</exception>
    /// <exception cref="InvalidDataException">A member's score of a sample is not finite.</exception>
    public static EnsembleReward NormalizedOn(IReadOnlyList<Completion> reference, IReadOnlyList<IRewardFunction> members, EnsembleCombination combination, CancellationToken cancellation = default) =>
        new([.. members.Select(member => NormalizedReward.On(member, reference, cancellation))], combination);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A member's score is not finite; the message names the member and the completion's index.</exception>
    public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default)
    {
        var scores = _members.Select(member => FiniteScores.From(member, completions, cancellation)).ToArray(); // [member][completion]
        return [.. Enumerable.Range(0, completions.Count).Select(i => _combination.Combine([.. scores.Select(member => member[i])]))];
    }

    /// <summary>Disposes the members.</summary>
    public void Dispose()
    {
        foreach (var member in _members)
            member.Dispose();
    }
}
