using UmmRm.Reports;

namespace UmmRm.Diagnosis;

/// <summary>
/// Runs checks one after the other. What a look throws becomes an error of its check; a later look that fails by the very same exception (a thing that
/// could not be opened stays so) is left out: what is wrong is said once, by the first check that meets it.
/// </summary>
/// <param name="explain">What an exception says to a person.</param>
/// <param name="progress">Told which check is at work.</param>
/// <param name="cancellation">Stops between checks.</param>
internal sealed class Examination(Func<Exception, string> explain, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
{
    private readonly HashSet<Exception> _told = new(ReferenceEqualityComparer.Instance);
    private int _done;

    /// <summary>Told how far a long look has come.</summary>
    public IProgress<ProgressReport>? Progress => progress;

    /// <summary>Stops between checks, and within long ones.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>What the checks find about a thing.</summary>
    public IReadOnlyList<Finding> Of<T>(string subject, T thing, IEnumerable<Check<T>> checks)
    {
        var findings = new List<Finding>();
        foreach (var check in checks)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new ProgressReport("doctor", _done++, 0, "checks", $"{subject}: {check.Name}"));
            if (Look(check, thing) is { } verdict)
                findings.Add(new Finding(subject, check.Name, verdict.Severity, verdict.Detail, verdict.Remedy));
        }
        return findings;
    }

    private Verdict? Look<T>(Check<T> check, T thing)
    {
        try
        {
            return check.Look(thing);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return _told.Add(e) ? new Verdict(Severity.Error, explain(e), check.Remedy) : null;
        }
    }
}
