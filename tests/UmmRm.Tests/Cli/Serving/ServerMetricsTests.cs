using UmmRm.Cli.Serving;

namespace UmmRm.Tests.Cli.Serving;

public sealed class ServerMetricsTests
{
    [Fact]
    public async Task Write_WhileNewKindsOfRequestsArrive_NeverFails()
    {
        var metrics = new ServerMetrics();
        const int Kinds = 20_000;
        var arriving = Task.Run(() =>
        {
            for (var status = 0; status < Kinds; status++)
                metrics.Request("/", 1000 + status, TimeSpan.Zero);
        }, TestContext.Current.CancellationToken);
        while (!arriving.IsCompleted)
            Assert.Contains("ummrm_texts_total 0\n", metrics.Write(0), StringComparison.Ordinal);
        await arriving;
        Assert.Equal(Kinds, metrics.Write(0).Split("ummrm_requests_total{").Length - 1);
    }
}
