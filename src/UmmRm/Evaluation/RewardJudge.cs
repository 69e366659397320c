using UmmRm.Data;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Evaluation;

/// <summary>A reward as judge: the answer with the higher score is better, equal scores are a tie. It does not see which answer is shown first.</summary>
/// <param name="reward">A reward model, an ensemble, or the built-in world's gold.</param>
public sealed class RewardJudge(IRewardFunction reward) : IJudge
{
    private readonly Lock _oneAtATime = new();

    /// <inheritdoc/>
    public string Name => reward.Name;

    /// <inheritdoc/>
    public bool MindsOrder => false;

    /// <inheritdoc/>
    public Task<Judgement> Compare(Conversation prompt, string first, string second, CancellationToken cancellation = default)
    {
        double[] scores;
        lock (_oneAtATime)
            scores = reward.Score([new Completion(prompt, first), new Completion(prompt, second)], cancellation);
        var verdict = scores[0] > scores[1] ? Verdict.First : scores[0] < scores[1] ? Verdict.Second : Verdict.Tie;
        return Task.FromResult(new Judgement(verdict, FormattableString.Invariant($"{scores[0]:g6} against {scores[1]:g6}")));
    }
}
