using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using UmmRm.Weights;

namespace UmmRm.Cli.Serving;

/// <summary>Which path speaks which protocol, and how an answer or a refusal is written.</summary>
internal sealed class ServerRoutes(ServeSettings settings, ScoreService service, ServerMetrics metrics, Action<string>? log, Action<string> fail)
{
    private const string IdHeader = "X-Request-Id";

    private long _requests;

    /// <summary>The paths and their protocols; each stands under <c>/models/NAME</c> too.</summary>
    public static IReadOnlyDictionary<string, Func<JsonElement, Ask>> Protocols { get; } = new Dictionary<string, Func<JsonElement, Ask>>
    {
        ["/"] = TrainerProtocols.OpenRlhf,
        ["/v1/score/evaluation"] = TrainerProtocols.LlamaFactory,
        ["/classify"] = VllmProtocol.Classify,
        ["/pooling"] = VllmProtocol.Pooling,
        ["/score"] = VllmProtocol.Score,
        ["/v1/score"] = VllmProtocol.Score,
        ["/v1/embeddings"] = VllmProtocol.Embeddings,
        ["/predict"] = TeiProtocol.Predict,
    };

    /// <summary>Adds every route.</summary>
    /// <exception cref="UsageException">A reward path is none, or is another protocol's.</exception>
    public void Map(IEndpointRouteBuilder application)
    {
        var protocols = new Dictionary<string, Func<JsonElement, Ask>>(Protocols);
        foreach (var path in settings.RewardPaths)
        {
            if (!path.StartsWith('/') || path.Any("{}?#* ".Contains))
                throw new UsageException($"--reward-path is '{path}'; expected a path such as /get_reward");
            if (path != "/" && !protocols.TryAdd(path, TrainerProtocols.OpenRlhf))
                throw new UsageException($"--reward-path {path} is there already");
        }
        foreach (var (path, protocol) in protocols)
        {
            application.MapPost(path, context => Answer(context, path, protocol));
            application.MapPost($"/models/{{served}}{path.TrimEnd('/')}", context => Answer(context, path, protocol));
        }
        application.MapGet("/health", context => context.Response.WriteAsync("ok"));
        application.MapGet("/metrics", Metrics);
        application.MapGet("/v1/models", Models);
        application.MapGet("/openapi.json", context => Write(context, 200, OpenApi()));
        application.MapFallback(context => Refuse(context, new RequestException(404, $"there is nothing at {context.Request.Method} {context.Request.Path}; /openapi.json lists what there is")));
    }

    /// <summary>The document that describes the paths.</summary>
    public static byte[] OpenApi()
    {
        using var stream = typeof(ServerRoutes).Assembly.GetManifestResourceStream("openapi.json")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Answers with a reason.</summary>
    public static Task Refuse(HttpContext context, RequestException refusal)
    {
        if (refusal.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Write(context, refusal.Status, Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteString("message", refusal.Message);
            json.WriteNumber("code", refusal.Status);
            if (context.Response.Headers[IdHeader] is [{ } id])
                json.WriteString("request_id", id);
            json.WriteEndObject();
            json.WriteEndObject();
        }));
    }

    private async Task Answer(HttpContext context, string protocol, Func<JsonElement, Ask> read)
    {
        var started = Stopwatch.GetTimestamp();
        var id = Interlocked.Increment(ref _requests).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[IdHeader] = id;
        Ask? ask = null;
        try
        {
            await RefuseLongBody(context);
            using (var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))
                ask = read(body.RootElement) with { Details = context.Request.Query["details"] == "true" };
            var answer = await service.Score(ask, context.Request.RouteValues["served"] as string, id, context.RequestAborted);
            await Write(context, 200, Json(json => ask.Write(json, answer)));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499; // the client has left; nobody reads it
        }
        catch (Exception e)
        {
            await Refuse(context, Reason(e, id));
        }
        var time = Stopwatch.GetElapsedTime(started);
        metrics.Request(protocol, context.Response.StatusCode, time);
        log?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{id} POST {context.Request.Path} {context.Response.StatusCode} {ask?.Texts.Count ?? 0} texts {time.TotalMilliseconds:f1} ms{Texts(ask)}"));
    }

    private RequestException Reason(Exception failure, string id) => failure switch
    {
        RequestException refusal => refusal,
        JsonException e => new RequestException(400, $"the body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}"),
        BadHttpRequestException { StatusCode: 413 } => TooLong(),
        BadHttpRequestException e => new RequestException(e.StatusCode, e.Message),
        _ => Unexpected(failure, id),
    };

    private RequestException TooLong() => new(413, $"the body has more than {settings.MaxBodyBytes} bytes: send fewer texts at once, or serve with a higher --max-body");

    /// <summary>Most clients read no answer before they have sent all: a body that says that it is too long is read to its end first, and thrown away, unless it is far too long.</summary>
    private async Task RefuseLongBody(HttpContext context)
    {
        if (context.Request.ContentLength is not { } length || length <= settings.MaxBodyBytes)
            return;
        if (length <= 4 * settings.MaxBodyBytes)
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = length;
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        throw TooLong();
    }

    private RequestException Unexpected(Exception failure, string id)
    {
        fail($"request {id}: {FailureReport.Of(failure, settings.LogTexts)}");
        return new RequestException(500, $"the text could not be scored; the server's log says why, under request {id}");
    }

    private string Texts(Ask? ask) => settings.LogTexts && ask is not null
        ? string.Concat(ask.Texts.Select(text => $"\n  {JsonSerializer.Serialize(text.Text ?? text.Completion?.Response ?? string.Join(' ', text.Ids ?? []))}"))
        : "";

    private Task Metrics(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(metrics.Write(service.Waiting));
    }

    private Task Models(HttpContext context) => Write(context, 200, Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var model in service.Models)
        {
            json.WriteStartObject();
            json.WriteString("id", model.Name);
            json.WriteString("object", "model");
            json.WriteNumber("max_model_len", model.Models.Min(own => own.Encoder.MaxLength));
            json.WriteString("uncertainty", model.Detailed.Spread);
            WriteReference(json, model.Reference);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    /// <summary>What z-scores are measured against.</summary>
    private static void WriteReference(Utf8JsonWriter json, ScoreNormalisation? reference)
    {
        if (reference is null)
        {
            json.WriteNull("z_score");
            return;
        }
        json.WriteStartObject("z_score");
        json.WriteString("source", reference.Source);
        json.WriteNumber("mean", reference.Mean);
        json.WriteNumber("sd", reference.Sd);
        json.WriteNumber("count", reference.Count);
        json.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
            write(json);
        return bytes.WrittenMemory;
    }

    private static async Task Write(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
