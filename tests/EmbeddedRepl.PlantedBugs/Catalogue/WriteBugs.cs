namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes in writes: forwarded ones, conditional ones, and waits for a position.</summary>
internal static class WriteBugs
{
    private const string Forwarder = "Replication/Forwarding/WriteForwarder.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("a forwarded write ends before its own node has it", Forwarder, "_answered.Enqueue(write);", "Finish(write, ForwardedWriteEnd.Done);"),
        new("a forwarded write that was sent is told as unsent", Forwarder, "write.SentBytes == 0 ? ForwardedWriteEnd.NotSent : ForwardedWriteEnd.Unknown", "ForwardedWriteEnd.NotSent"),
        new("a wait for a position ends a little early", "Replication/DataSet.cs", "position.Offset <= Offset", "position.Offset <= Offset + 100"),
        new("a position that a failover left counts as reached", "Replication/DataSet.cs", "History.TryFindAncestor(position.Id, out _) ? PositionVerdict.Left : PositionVerdict.Unknown", "History.TryFindAncestor(position.Id, out _) ? PositionVerdict.Reached : PositionVerdict.Unknown"),
        new("a write on condition does not compare", "Replication/NodeCore.Writes.cs", "if (Data.Store.VersionOf(key) != expected)\n        {\n            return false;\n        }\n\n        Set(key, value, expiration);", "Set(key, value, expiration);"),
        new("a touch of an older version extends the newer one", "Storage/CacheStore.Writes.cs", "!entry.Header.IsSliding || entry.Version != version || deadline <= expiration.Deadline", "!entry.Header.IsSliding || deadline <= expiration.Deadline"),
        new("touches of a link that broke are forgotten", "Replication/Forwarding/TouchSender.cs", "MakePending(place.Value);", "Forget(place.Value);"),
        new("writes are taken before a recovery is through", "Replication/NodeCore.Writes.cs", "throw new RecoveringMasterException(recovery.Message);", "MinReplicas.ThrowIfNotMet();"),
    ];
}
