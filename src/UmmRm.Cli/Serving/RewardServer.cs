using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace UmmRm.Cli.Serving;

/// <summary>A reward server: every protocol on one port, over one queue.</summary>
internal sealed class RewardServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ScoreService _service;

    private RewardServer(WebApplication application, ScoreService service) => (_application, _service) = (application, service);

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_application.Urls.First());

    /// <summary>Starts it; it answers when this returns.</summary>
    /// <param name="settings">Limits and ways.</param>
    /// <param name="models">At least one; the first is meant where a client names none. Disposed with the server.</param>
    /// <param name="fail">Takes what went wrong where an answer is 500, with the request's id. Texts are in it only where the settings say so.</param>
    /// <param name="log">Takes a line a request, or null. Likewise.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="UsageException">The address is none, or two models have one name.</exception>
    public static async Task<RewardServer> Start(ServeSettings settings, IReadOnlyList<ServedModel> models, Action<string> fail, Action<string>? log = null)
    {
        var address = settings.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(settings.Host, out var given) ? given : throw new UsageException($"--host is '{settings.Host}'; expected an address such as 127.0.0.1, or 0.0.0.0 for every network");
        var metrics = new ServerMetrics();
        var service = new ScoreService(settings, models, metrics);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = 4096;
            kestrel.Listen(address, settings.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, ServerLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(settings.DrainSeconds));
        var application = builder.Build();
        if (settings.Token is { } secret)
            application.Use(Guard(new BearerToken(secret)));
        new ServerRoutes(settings, service, metrics, log, fail).Map(application);
        var server = new RewardServer(application, service);
        try
        {
            await application.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes no new requests, answers those in flight, and gives everything back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        _service.Dispose();
    }

    private static Func<HttpContext, RequestDelegate, Task> Guard(BearerToken token) => (context, next) =>
    {
        if (context.Request.Path == "/health" || token.IsIn(context.Request.Headers.Authorization))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ServerRoutes.Refuse(context, new RequestException(401, "this server asks for its bearer token: Authorization: Bearer TOKEN"));
    };
}
