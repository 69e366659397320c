using UmmRm.Tokenization;

namespace UmmRm.Evaluation;

/// <summary>Says which of two answers to a prompt is better: a language model that is asked, a reward model, or a program.</summary>
public interface IJudge
{
    /// <summary>What is recorded beside each verdict: the model, and what else decides its verdicts.</summary>
    string Name { get; }

    /// <summary>Whether it may matter which answer is shown first; then both orders are asked.</summary>
    bool MindsOrder { get; }

    /// <summary>Compares two answers. May be called from several threads.</summary>
    /// <param name="prompt">What was answered.</param>
    /// <param name="first">The answer shown first.</param>
    /// <param name="second">The answer shown second.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="InvalidOperationException">The judge refuses to be asked at all, as with a wrong key; the message says what to do.</exception>
    Task<Judgement> Compare(Conversation prompt, string first, string second, CancellationToken cancellation = default);
}
