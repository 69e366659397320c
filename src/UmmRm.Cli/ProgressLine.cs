using System.Globalization;
using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>
/// Progress with rate and time left, for work that takes longer than a second: one line that is rewritten ten times a second where
/// somebody watches, a plain line every ten seconds where not, and one line at the end. Works that go on side by side share the line.
/// </summary>
internal sealed class ProgressLine(Terminal terminal, TimeProvider clock) : IProgress<ProgressReport>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Work> _works = [];

    /// <inheritdoc/>
    public void Report(ProgressReport value)
    {
        lock (_gate)
        {
            if (terminal.Verbosity == Verbosity.Quiet)
                return;
            if (!_works.TryGetValue(value.Stage, out var work) || value.Done < work.Last)
                _works[value.Stage] = work = new Work(value.Done, clock.GetTimestamp()) { Next = terminal.IsWatched ? Patience : TimeSpan.FromSeconds(10) };
            work.Last = value.Done;
            var elapsed = clock.GetElapsedTime(work.Started);
            if (value.Total > 0 && value.Done >= value.Total)
                Finish(value, work, elapsed);
            else if (elapsed >= work.Next)
                Show(value, work, elapsed);
        }
    }

    private void Show(ProgressReport report, Work work, TimeSpan elapsed)
    {
        work.Next = elapsed + (terminal.IsWatched ? TimeSpan.FromSeconds(0.1) : TimeSpan.FromSeconds(10));
        (work.Line, work.Shown) = (Line(report, work, elapsed), clock.GetTimestamp());
        if (terminal.IsWatched)
            terminal.Status(string.Join("  |  ", _works.Values.Where(w => w.Line.Length > 0 && clock.GetElapsedTime(w.Shown) < Fresh).Select(w => w.Line)));
        else
            terminal.Note(work.Line);
    }

    private void Finish(ProgressReport report, Work work, TimeSpan elapsed)
    {
        _works.Remove(report.Stage);
        if (elapsed >= Patience)
            terminal.Note($"{report.Stage}: {Amount(report.Done, report.Unit)} in {Duration(elapsed.TotalSeconds)} ({Rate(report, work, elapsed)})");
        terminal.EndStatus();
    }

    private static string Line(ProgressReport report, Work work, TimeSpan elapsed)
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
        parts.Add(Rate(report, work, elapsed));
        var fresh = report.Done - work.First; // what an interrupted earlier run did says nothing about the speed of this one
        if (report.Total > 0 && fresh > 0)
            parts.Add($"{Duration(elapsed.TotalSeconds * (report.Total - report.Done) / fresh)} left");
        if (report.Detail is { } detail)
            parts.Add(detail);
        return string.Join("  ", parts);
    }

    private static string Rate(ProgressReport report, Work work, TimeSpan elapsed)
    {
        var rate = (report.Done - work.First) / elapsed.TotalSeconds;
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

    /// <summary>Something that is going on.</summary>
    /// <param name="first">How far it had come when it was first heard of.</param>
    /// <param name="started">When that was.</param>
    private sealed class Work(long first, long started)
    {
        public long First => first;

        public long Started => started;

        public long Last { get; set; }

        public TimeSpan Next { get; set; }

        public string Line { get; set; } = "";

        public long Shown { get; set; }
    }
}
