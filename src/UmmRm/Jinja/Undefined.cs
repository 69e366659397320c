namespace UmmRm.Jinja;

/// <summary>What a name or key that is not there evaluates to: empty when it is written, false, no items; anything else done with it fails with its message.</summary>
internal sealed record Undefined(string Message);
