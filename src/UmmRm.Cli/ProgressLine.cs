using System.Globalization;
using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>
/// Progress with rate and time left, for work that takes longer than a second: one line that is rewritten ten times a second where
/// somebody watches, a plain line every ten seconds where not, and one line at the end.
/// </summary>
internal sealed class ProgressLine(Terminal terminal, TimeProvider clock) : IProgress<ProgressReport>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private ProgressReport? _first;
    private long _started;
    private TimeSpan _next;

    /// <inheritdoc/>
    public void Report(ProgressReport value)
    {
        lock (_gate)
        {
            if (terminal.Verbosity == Verbosity.Quiet)
                return;
            if (_first?.Stage != value.Stage)
                Start(value);
            var elapsed = clock.GetElapsedTime(_started);
            if (value.Total > 0 && value.Done >= value.Total)
                Finish(value, elapsed);
            else if (elapsed >= _next)
                Show(value, elapsed);
        }
    }

    private void Start(ProgressReport first)
    {
        terminal.EndStatus();
        _first = first;
        _started = clock.GetTimestamp();
        _next = terminal.IsWatched ? Patience : TimeSpan.FromSeconds(10);
    }

    private void Show(ProgressReport report, TimeSpan elapsed)
    {
        _next = elapsed + (terminal.IsWatched ? TimeSpan.FromSeconds(0.1) : TimeSpan.FromSeconds(10));
        var line = Line(report, elapsed);
        if (terminal.IsWatched)
            terminal.Status(line);
        else
            terminal.Note(line);
    }

    private void Finish(ProgressReport report, TimeSpan elapsed)
    {
        if (elapsed >= Patience)
            terminal.Note($"{report.Stage}: {Amount(report.Done, report.Unit)} in {Duration(elapsed.TotalSeconds)} ({Rate(report, elapsed)})");
        terminal.EndStatus();
        _first = null;
    }

    private string Line(ProgressReport report, TimeSpan elapsed)
    {
        var parts = new List<string> { report.Stage };
        if (report.Total > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{report.Done:N0}/{Amount(report.Total, report.Unit)}"));
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(100.0 * report.Done / report.Total):F0} %"));
        }
        else
        {
            parts.Add(Amount(report.Done, report.Unit));
        }
        parts.Add(Rate(report, elapsed));
        var fresh = report.Done - _first!.Done; // what an interrupted earlier run did says nothing about the speed of this one
        if (report.Total > 0 && fresh > 0)
            parts.Add($"{Duration(elapsed.TotalSeconds * (report.Total - report.Done) / fresh)} left");
        if (report.Detail is { } detail)
            parts.Add(detail);
        return string.Join("  ", parts);
    }

    private string Rate(ProgressReport report, TimeSpan elapsed)
    {
        var rate = (report.Done - _first!.Done) / elapsed.TotalSeconds;
        var digits = rate >= 100 ? "N0" : rate >= 10 ? "F1" : "F2";
        return $"{rate.ToString(digits, CultureInfo.InvariantCulture)} {report.Unit}/s";
    }

    private static string Amount(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {unit}");

    private static string Duration(double seconds) => seconds switch
    {
        < 3600 => TimeSpan.FromSeconds(seconds).ToString(@"m\:ss", CultureInfo.InvariantCulture),
        < 86400 => TimeSpan.FromSeconds(seconds).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400:N1} days"),
    };
}
