using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>A demonstration for supervised fine-tuning: a prompt and the response to imitate.</summary>
/// <param name="Prompt">What is answered.</param>
/// <param name="Response">The answer, as text without the template's end marker.</param>
/// <param name="Origin">Where it was read, for messages: file name and row.</param>
/// <param name="Ended">false when the response stops without an end marker of its own (column <c>ended</c>).</param>
public sealed record Instruction(Conversation Prompt, string Response, string Origin, bool Ended = true);
