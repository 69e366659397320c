namespace UmmRm.Diagnosis;

/// <summary>A check: one look at one kind of thing.</summary>
/// <param name="Name">The name that its findings carry.</param>
/// <param name="Look">What it sees; null where the check does not apply. What it throws is an error of the thing.</param>
/// <param name="Remedy">What to do when the look itself fails, as on a damaged file.</param>
internal sealed record Check<T>(string Name, Func<T, Verdict?> Look, string? Remedy = null);

/// <summary>What a check sees.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Detail">What was found, and why it matters.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Verdict(Severity Severity, string Detail, string? Remedy = null)
{
    public static Verdict Ok(string detail) => new(Severity.Ok, detail);

    public static Verdict Warning(string detail, string remedy) => new(Severity.Warning, detail, remedy);

    public static Verdict Error(string detail, string remedy) => new(Severity.Error, detail, remedy);
}
