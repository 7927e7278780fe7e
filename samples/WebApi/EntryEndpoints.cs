using System.IO.Pipelines;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Samples.WebApi;

/// <summary>
/// <c>GET</c>, <c>PUT</c> and <c>DELETE</c> of <c>/entries/{key}</c>. A key may contain slashes; a value is whatever bytes were put.
/// </summary>
/// <remarks>
/// The endpoints ask for Microsoft's own interface: code that already works with an <see cref="IDistributedCache"/> stays as it is.
/// </remarks>
internal static class EntryEndpoints
{
    /// <summary>Adds the endpoints.</summary>
    public static void MapEntries(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder entries = routes.MapGroup("/entries");
        entries.AddEndpointFilter<RefusedWriteFilter>();
        entries.MapGet("/{**key}", GetAsync);
        entries.MapPut("/{**key}", PutAsync);
        entries.MapDelete("/{**key}", DeleteAsync);
    }

    private static async Task<IResult> GetAsync(
        string key, IDistributedCache cache, TrafficCounters counters, CancellationToken cancellationToken)
    {
        byte[]? value = await cache.GetAsync(key, cancellationToken);
        counters.CountRead(value is not null);
        return value is null ? TypedResults.NotFound() : TypedResults.Bytes(value, "application/octet-stream");
    }

    private static async Task<IResult> PutAsync(
        string key,
        string? ttl,
        string? sliding,
        HttpRequest request,
        IBufferDistributedCache cache,
        TrafficCounters counters,
        CancellationToken cancellationToken)
    {
        if (!Duration.TryParse(ttl, out TimeSpan? timeToLive) || !Duration.TryParse(sliding, out TimeSpan? window))
        {
            return TypedResults.Problem(
                "ttl and sliding are durations above zero such as 500ms, 30s, 5m, 12h or 2d.", statusCode: StatusCodes.Status400BadRequest);
        }

        var options = new DistributedCacheEntryOptions
        {
            AbsoluteExpirationRelativeToNow = timeToLive,
            SlidingExpiration = window,
        };

        // The cache copies the value out of the request's own buffers, so the body is never gathered into an array first.
        PipeReader body = request.BodyReader;
        ReadResult read = await ReadToEndAsync(body, cancellationToken);
        try
        {
            await cache.SetAsync(key, read.Buffer, options, cancellationToken);
        }
        finally
        {
            // Also when the write was refused: the server goes on to the next request on this connection.
            body.AdvanceTo(read.Buffer.End);
        }

        counters.CountWrite();
        return TypedResults.NoContent();
    }

    private static async Task<IResult> DeleteAsync(
        string key, IDistributedCache cache, TrafficCounters counters, CancellationToken cancellationToken)
    {
        await cache.RemoveAsync(key, cancellationToken);
        counters.CountWrite();
        return TypedResults.NoContent();
    }

    private static async ValueTask<ReadResult> ReadToEndAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                return read;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
