using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>A prompt and one response to it, as texts: what a reward function scores and a policy writes.</summary>
/// <param name="Prompt">What is answered.</param>
/// <param name="Response">The answer, without the template's end marker.</param>
/// <param name="Ended">false when a length limit cut the response: it is then scored as it stands, without an end marker.</param>
public sealed record Completion(Conversation Prompt, string Response, bool Ended = true);
