namespace UmmRm.Tokenization;

/// <summary>One step of training: two tokens become one.</summary>
/// <param name="Left">The first token, its bytes written as characters.</param>
/// <param name="Right">The token after it.</param>
/// <param name="Count">How often they stood side by side when they were merged.</param>
public sealed record BpeMerge(string Left, string Right, long Count);
