namespace UmmRm.Evaluation;

/// <summary>A judge was asked as often as its budget allows and did not answer: time-outs, refusals for the time being, garbage.</summary>
/// <param name="message">What happened last.</param>
/// <param name="inner">The last failure.</param>
public sealed class JudgeUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
