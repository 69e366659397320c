using Microsoft.Extensions.Hosting;

namespace UmmRm.Cli.Serving;

/// <summary>Leaves the process's signals alone: whoever started the server stops it.</summary>
internal sealed class ServerLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
