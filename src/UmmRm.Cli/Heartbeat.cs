using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>Says again every second what is at work, so that one long step shows too. Passes everything else on.</summary>
internal sealed class Heartbeat : IProgress<ProgressReport>, IDisposable
{
    private readonly IProgress<ProgressReport> _inner;
    private readonly Timer _timer;
    private volatile ProgressReport? _last;

    public Heartbeat(IProgress<ProgressReport> inner)
    {
        _inner = inner;
        _timer = new Timer(_ => Again(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Report(ProgressReport value)
    {
        _last = value;
        _inner.Report(value);
    }

    public void Dispose() => _timer.Dispose();

    private void Again()
    {
        if (_last is { } last)
            _inner.Report(last);
    }
}
