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
}
