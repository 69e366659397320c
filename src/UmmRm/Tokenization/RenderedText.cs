namespace UmmRm.Tokenization;

/// <summary>A prompt, or a prompt with a response, as the one text that is tokenized.</summary>
/// <param name="Text">The whole text.</param>
/// <param name="ResponseStart">Where the response's part begins, in UTF-16 units: all before it is what a policy is given, all from it on is what a policy writes, a separating space included.</param>
public sealed record RenderedText(string Text, int ResponseStart);
