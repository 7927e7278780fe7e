namespace EmbeddedRepl.Samples.WebApi;

/// <summary>
/// Turns what the cache refuses into answers that a client can act on: a write on a replica becomes 409 with the master's
/// address, on a master that recovers 503, a key or value beyond its limit becomes 400. Used by many requests at once; holds no state.
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
        catch (RecoveringMasterException refusal)
        {
            _counters.CountRefusedWrite();
            return TypedResults.Problem(refusal.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The master is recovering");
        }
        catch (ArgumentException refusal)
        {
            return TypedResults.Problem(refusal.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
