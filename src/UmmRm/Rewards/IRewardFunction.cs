using UmmRm.Data;

namespace UmmRm.Rewards;

/// <summary>A number for a text: a reward model, an ensemble of them, a remote service or a program.</summary>
public interface IRewardFunction : IDisposable
{
    /// <summary>A short name for logs and reports.</summary>
    string Name { get; }

    /// <summary>Scores each completion; the result has their order and count. Higher is better; the unit is the reward's own.</summary>
    /// <exception cref="InvalidDataException">A text cannot be scored, or a score is not finite; the message names the text's index.</exception>
    double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default);

    /// <summary>Gives back what the reward holds, such as a model's weights. Nothing, unless a reward says otherwise.</summary>
    void IDisposable.Dispose() => GC.SuppressFinalize(this);
}
