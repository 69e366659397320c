using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace UmmRm.Tests.Rewards;

/// <summary>A server on loopback that gives its answers one after the other, the last one for ever: a body (with status 200), a status line, nothing (the connection is closed), or silence.</summary>
internal sealed class ScriptedServer : IDisposable
{
    public const string Silence = "silence";
    public const string Nothing = "nothing";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Queue<string> _answers;

    public ScriptedServer(params string[] answers)
    {
        _answers = new Queue<string>(answers);
        _listener.Start();
        _ = Task.Run(Serve);
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/score";

    /// <summary>The bodies of all requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Dispose()
    {
        _closing.Cancel();
        _listener.Dispose();
        _closing.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                var answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
                _ = Task.Run(() => Answer(client, answer));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task Answer(TcpClient client, string answer)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            Requests.Enqueue(await ReadBody(stream));
            if (answer == Silence)
                await Task.Delay(Timeout.Infinite, _closing.Token);
            if (answer == Nothing)
                return;
            var (status, body) = answer.StartsWith("HTTP ", StringComparison.Ordinal) ? (answer[5..], "out of order") : ("200 OK", answer);
            var bytes = Encoding.UTF8.GetBytes(body);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"), _closing.Token);
            await stream.WriteAsync(bytes, _closing.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
        }
    }

    private async Task<string> ReadBody(NetworkStream stream)
    {
        var (all, buffer) = (new List<byte>(), new byte[4096]);
        while (true)
        {
            var head = Encoding.ASCII.GetString([.. all]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var length = head < 0 ? 0 : Length(Encoding.ASCII.GetString([.. all[..head]]));
            if (head >= 0 && all.Count >= head + 4 + length)
                return Encoding.UTF8.GetString([.. all[(head + 4)..]]);
            var count = await stream.ReadAsync(buffer, _closing.Token);
            if (count == 0)
                return "";
            all.AddRange(buffer[..count]);
        }
    }

    private static int Length(string headers) =>
        int.Parse(headers.Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1], CultureInfo.InvariantCulture);
}
