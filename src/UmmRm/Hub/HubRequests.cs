using System.Net.Http.Headers;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace UmmRm.Hub;

/// <summary>Requests to the hub: with its token and to nobody else with it, followed where they lead, repeated where it helps.</summary>
internal sealed class HubRequests : IDisposable
{
    private const int MostRedirects = 8;

    private readonly HubSettings _settings;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _retries;

    public HubRequests(HubSettings settings)
    {
        _settings = settings;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !settings.Endpoint.IsLoopback, ConnectTimeout = settings.Patience })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each wait has its own limit
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("ummrm", typeof(HubRequests).Assembly.GetName().Version!.ToString(3)));
        _http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        var retry = new RetryStrategyOptions
        {
            MaxRetryAttempts = Math.Max(1, settings.Attempts - 1),
            BackoffType = DelayBackoffType.Exponential,
            Delay = settings.FirstPause,
            MaxDelay = settings.LongestPause,
            UseJitter = true,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is PassingFailureException failure && !(failure.Pause > settings.LongestPause)),
            DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as PassingFailureException)?.Pause),
        };
        _retries = settings.Attempts > 1 ? new ResiliencePipelineBuilder().AddRetry(retry).Build() : ResiliencePipeline.Empty;
    }

    /// <summary>Does something with requests, again where it fails for a passing reason.</summary>
    /// <exception cref="HubException">It failed for good, or more often than it may.</exception>
    public async Task<T> Repeated<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        try
        {
            return await _retries.ExecuteAsync(async stop => await Once(attempt, stop), cancellation);
        }
        catch (PassingFailureException failure)
        {
            var pause = failure.Pause is { } asked && asked > _settings.LongestPause ? FormattableString.Invariant($", and asks to wait {asked.TotalSeconds:0} s") : "";
            throw new HubException($"{failure.Message}{pause}; try again later", failure) { IsUnreachable = failure.IsUnreachable };
        }
    }

    /// <summary>Asks for the headers of an answer. A redirection to the same address is followed; one that leads elsewhere is the answer when <paramref name="anywhere"/> is false.</summary>
    /// <exception cref="PassingFailureException">Nobody answers, or the server is busy.</exception>
    public async Task<HttpResponseMessage> Send(HttpMethod method, Uri address, long firstByte, bool anywhere, CancellationToken cancellation)
    {
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(method, address);
            if (_settings.Token is { } token && SameServer(address, _settings.Endpoint))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (firstByte > 0)
                request.Headers.Range = new RangeHeaderValue(firstByte, null);
            var answer = await Waiting(stop => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop), cancellation);
            if (Target(answer, address) is not { } target || (!anywhere && !SameServer(target, address)))
                return answer;
            answer.Dispose();
            address = target;
        }
        throw new HubException($"{Shown(address)} redirects more than {MostRedirects} times");
    }

    /// <summary>Waits for an answer, or a piece of one, as long as the settings say.</summary>
    public async Task<T> Waiting<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(_settings.Patience);
        try
        {
            return await wait(limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(FormattableString.Invariant($"no answer for {_settings.Patience.TotalSeconds:0} s"));
        }
    }

    /// <summary>Where an answer sends us, or null when it does not.</summary>
    private static Uri? Target(HttpResponseMessage answer, Uri asked)
    {
        if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || !answer.Headers.TryGetValues("Location", out var values) || values.FirstOrDefault() is not { } location)
            return null;
        // A path that begins with a slash is relative here, and an absolute file's for Uri on Unix.
        var isAbsolute = location.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || location.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        return Uri.TryCreate(location, isAbsolute ? UriKind.Absolute : UriKind.Relative, out var target) ? new Uri(asked, target) : throw new HubException($"{Shown(asked)} redirects to '{location}', which is no address");
    }

    /// <summary>An address without what follows the question mark: signatures are nobody's business.</summary>
    public static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path);

    public void Dispose() => _http.Dispose();

    private async Task<T> Once<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        try
        {
            return await attempt(cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            throw new PassingFailureException($"the hub {_settings.Endpoint} cannot be reached ({e.Message})", e) { IsUnreachable = true };
        }
        catch (TimeoutException e)
        {
            throw new PassingFailureException($"the hub {_settings.Endpoint} does not answer ({e.Message})", e) { IsUnreachable = true };
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException { InnerException: SocketException })
        {
            throw new PassingFailureException($"the connection to the hub {_settings.Endpoint} was cut ({e.Message})", e);
        }
    }

    private static bool SameServer(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
