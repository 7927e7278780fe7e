namespace EmbeddedRepl.Samples.WebApi;

/// <summary>What a person or a dashboard wants to see of a node: its replication, and the traffic it has served.</summary>
internal static class ReplicationEndpoints
{
    /// <summary>
    /// Adds <c>GET /replication</c> (JSON), <c>GET /replication/text</c> (the format of Redis' <c>INFO replication</c>, which
    /// existing tools can read) and <c>GET /stats</c>.
    /// </summary>
    public static void MapReplication(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/replication", (IReplicatedCache cache) => TypedResults.Json(
            cache.GetReplicationInfo(), ApiJsonContext.Default.ReplicationInfo));
        routes.MapGet("/replication/text", (IReplicatedCache cache) => TypedResults.Text(
            cache.GetReplicationInfo().ToRedisText()));
        routes.MapGet("/stats", (TrafficCounters counters) => TypedResults.Json(
            counters.Read(), ApiJsonContext.Default.TrafficStats));
    }

    /// <summary>
    /// Adds the orders of an operator: <c>POST /replication/promote</c> and <c>POST /replication/follow?master=host:port</c>. Only for a network that operators alone
    /// reach, or behind authorization: whoever may call them decides whose data survives.
    /// </summary>
    public static void MapOperator(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/replication/promote", (IReplicatedCache cache, CancellationToken token) =>
            OrderAsync(cache.PromoteAsync(cancellationToken: token)));
        routes.MapPost("/replication/follow", (IReplicatedCache cache, string master, CancellationToken token) =>
            OrderAsync(cache.ReplicateFromAsync(master, token)));
    }

    private static async Task<IResult> OrderAsync(Task order)
    {
        try
        {
            await order;
            return TypedResults.NoContent();
        }
        catch (Exception refusal) when (refusal is ReplicatedCacheException or ArgumentException)
        {
            return TypedResults.Problem(refusal.Message, statusCode: StatusCodes.Status409Conflict, title: "The order was refused");
        }
    }
}
