namespace UmmRm.Diagnosis;

/// <summary>How grave a finding is.</summary>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Nothing stops, and what comes out may not be what was meant.</summary>
    Warning,

    /// <summary>It would stop, or go wrong without a word.</summary>
    Error,
}

/// <summary>What one check found about one thing.</summary>
/// <param name="Subject">What was looked at: <c>model ./sft</c>, <c>stages.dense</c>, <c>machine</c>.</param>
/// <param name="Check">The check's name, which scripts may rely on: <c>pad-token</c>.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Detail">What was found, with file, key or row and value, and why it matters.</param>
/// <param name="Remedy">What to do; null where nothing need be done, or where the detail says it.</param>
public sealed record Finding(string Subject, string Check, Severity Severity, string Detail, string? Remedy = null);
