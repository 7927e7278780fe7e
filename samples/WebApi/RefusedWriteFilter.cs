namespace EmbeddedRepl.Samples.WebApi;

/// <summary>
/// Turns what the cache refuses into answers that a client can act on: a write on a replica becomes 409 with the master's
/// address, 503 where it may work later, a key or value beyond its limit becomes 400. Used by many requests at once; holds no state.
/// </summary>
internal sealed class RefusedWriteFilter : IEndpointFilter
{
    private readonly IReplicatedCache _cache;
    private readonly TrafficCounters _counters;

    public RefusedWriteFilter(IReplicatedCache cache, TrafficCounters counters)
    {
        _cache = cache;
        _counters = counters;
    }

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ReadOnlyReplicaException refusal)
        {
            _counters.CountRefusedWrite();

            // The address is the master's replication endpoint: enough to see where writes belong. How to reach that
            // node by HTTP is known to the service (its load balancer, its naming), not to the cache.
            return TypedResults.Problem(
                refusal.Message,
                statusCode: StatusCodes.Status409Conflict,
                title: "This node is a replica",
                extensions: [new("master", _cache.GetReplicationInfo().Master)]);
        }
        catch (StaleReplicaException stale)
        {
            // A read, on a node whose StaleReads is Throw.
            return TypedResults.Problem(stale.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "This replica is too stale");
        }
        catch (WriteOutcomeUnknownException unknown)
        {
            // It may have been written or not, so this is no refusal; the client can read, or do it again if that does no harm.
            return TypedResults.Problem(unknown.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The outcome is unknown");
        }
        catch (ReplicatedCacheException refusal)
        {
            // The master cannot be reached, recovers, or has too few replicas: nothing was written, and it may work later, or at another instance.
            _counters.CountRefusedWrite();
            return TypedResults.Problem(refusal.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Nothing was written");
        }
        catch (ArgumentException refusal)
        {
            return TypedResults.Problem(refusal.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
