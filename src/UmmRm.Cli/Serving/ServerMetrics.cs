using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace UmmRm.Cli.Serving;

/// <summary>What has happened since the server started, in Prometheus's text format.</summary>
internal sealed class ServerMetrics
{
    private static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<(string Protocol, int Status), long> _requests = [];
    private readonly Lock _gate = new();
    private readonly long[] _seconds = new long[Bounds.Length + 1];
    private double _secondsSum;
    private long _batches;
    private long _texts;
    private long _tokens;

    /// <summary>Texts handed to the workers.</summary>
    public long Texts => Interlocked.Read(ref _texts);

    /// <summary>Counts a request that was answered.</summary>
    public void Request(string protocol, int status, TimeSpan time)
    {
        _requests.AddOrUpdate((protocol, status), 1, (_, count) => count + 1);
        if (status != 200)
            return;
        lock (_gate)
        {
            _seconds[Array.FindIndex([.. Bounds, double.PositiveInfinity], bound => time.TotalSeconds <= bound)]++;
            _secondsSum += time.TotalSeconds;
        }
    }

    /// <summary>Counts a batch.</summary>
    public void Batch(int texts, long tokens)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _texts, texts);
        Interlocked.Add(ref _tokens, tokens);
    }

    /// <summary>All of it as text.</summary>
    /// <param name="waiting">Texts that wait now.</param>
    public string Write(int waiting)
    {
        var text = new StringBuilder();
        Head(text, "ummrm_requests_total", "counter", "requests by protocol and HTTP status");
        foreach (var ((protocol, status), count) in _requests.ToArray().OrderBy(entry => entry.Key)) // LINQ alone would copy by a count that may be old by then
            text.Append(CultureInfo.InvariantCulture, $"ummrm_requests_total{{protocol=\"{protocol}\",status=\"{status}\"}} {count}\n");
        One(text, "ummrm_texts_total", "counter", "texts scored", Texts);
        One(text, "ummrm_tokens_total", "counter", "tokens scored, padding left out", Interlocked.Read(ref _tokens));
        One(text, "ummrm_batches_total", "counter", "forward passes", Interlocked.Read(ref _batches));
        One(text, "ummrm_queue_texts", "gauge", "texts that wait to be scored", waiting);
        One(text, "process_resident_memory_bytes", "gauge", "resident memory", Environment.WorkingSet);
        Histogram(text);
        return text.ToString();
    }

    private void Histogram(StringBuilder text)
    {
        lock (_gate)
        {
            Head(text, "ummrm_request_seconds", "histogram", "time of requests that were answered with scores");
            long below = 0;
            for (var i = 0; i < Bounds.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $"ummrm_request_seconds_bucket{{le=\"{Bounds[i]}\"}} {below += _seconds[i]}\n");
            below += _seconds[^1];
            text.Append(CultureInfo.InvariantCulture, $"ummrm_request_seconds_bucket{{le=\"+Inf\"}} {below}\nummrm_request_seconds_sum {_secondsSum}\nummrm_request_seconds_count {below}\n");
        }
    }

    private static void One(StringBuilder text, string name, string kind, string help, long value)
    {
        Head(text, name, kind, help);
        text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
    }

    private static void Head(StringBuilder text, string name, string kind, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");
}
