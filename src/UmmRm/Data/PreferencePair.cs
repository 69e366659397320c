using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>Two responses to one prompt, of which one is preferred (METHOD 1's y+ and y-).</summary>
/// <param name="Prompt">What both responses answer.</param>
/// <param name="Chosen">The preferred response, as text without the template's end marker.</param>
/// <param name="Rejected">The other response.</param>
/// <param name="Origin">Where the pair was read, for messages: file name and row, such as <c>train.jsonl.gz:17</c>.</param>
public sealed record PreferencePair(Conversation Prompt, string Chosen, string Rejected, string Origin)
{
    /// <summary>m in the margin loss: how much better the chosen response is said to be; null when the data do not say.</summary>
    public double? Margin { get; init; }

    /// <summary>Probability that the chosen response is the better one, for soft labels; 1 unless the data say otherwise.</summary>
    public double Label { get; init; } = 1;

    /// <summary>false when a length limit cut the chosen response (column <c>chosen_ended</c>): it is then read without an end marker.</summary>
    public bool ChosenEnded { get; init; } = true;

    /// <summary>The same for the rejected response (column <c>rejected_ended</c>).</summary>
    public bool RejectedEnded { get; init; } = true;

    /// <summary>What else the row says that baselines need: <c>chosen_model</c>, <c>rejected_model</c>, <c>source</c>, where the data have them.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>What groups pairs that are not independent: pairs with equal keys share their prompt.</summary>
    public string PromptKey => string.Join('\u001f', Prompt.Turns.Select(t => $"{t.Role}\u001e{t.Content}").Append(Prompt.Input ?? ""));
}
