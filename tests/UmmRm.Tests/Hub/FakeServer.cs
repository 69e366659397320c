using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace UmmRm.Tests.Hub;

/// <summary>A request as it came over the wire.</summary>
internal sealed record FakeRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Target.Split('?')[0];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>What a server says, or half says.</summary>
internal sealed record FakeAnswer(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    public FakeAnswer(int status, string body, params (string Name, string Value)[] headers) : this(status, Encoding.UTF8.GetBytes(body), headers) { }

    /// <summary>The Content-Length that is claimed; null for the truth.</summary>
    public long? ClaimedLength { get; init; }

    /// <summary>After so many bytes of the body the connection is broken off.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Nothing is said for so long.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>A web server on loopback that can misbehave: an answer may claim a wrong length, or end in the middle.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<FakeRequest, FakeAnswer> _answer;

    public FakeServer(Func<FakeRequest, FakeAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(Accept);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = [];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Serve(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var request = await Read(stream);
                Requests.Enqueue(request);
                var answer = _answer(request);
                await Task.Delay(answer.Delay, _stop.Token);
                await Write(stream, request, answer);
                if (answer.CutAfter is not null)
                    client.Client.LingerState = new LingerOption(true, 0); // closes with a reset, as a broken line does
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
            }
        }
    }

    private static async Task<FakeRequest> Read(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var first = (await reader.ReadLineAsync() ?? throw new IOException("no request")).Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        var body = new char[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        if (body.Length > 0)
            await reader.ReadBlockAsync(body);
        return new FakeRequest(first[0], first[1], headers, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)));
    }

    private static async Task Write(Stream stream, FakeRequest request, FakeAnswer answer)
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} Status\r\nConnection: close\r\nContent-Length: {answer.ClaimedLength ?? answer.Body.Length}\r\n");
        foreach (var (name, value) in answer.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()));
        if (request.Method != "HEAD")
            await stream.WriteAsync(answer.Body.AsMemory(0, answer.CutAfter ?? answer.Body.Length));
        await stream.FlushAsync();
        if (answer.CutAfter is not null)
            await Task.Delay(50); // what was sent arrives before the line breaks
    }
}
