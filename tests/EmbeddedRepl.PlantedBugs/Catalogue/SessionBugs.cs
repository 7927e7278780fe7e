namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes at the two ends of a link: acknowledgements, time-outs, limits, the line for a full sync.</summary>
internal static class SessionBugs
{
    private const string Timing = "Replication/Master/MasterSession.Timing.cs";
    private const string Acks = "Replication/Master/MasterSession.Acks.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("a replica acknowledges what it is still loading", "Replication/Replica/ReplicaLink.Acks.cs", "State == ReplicationLinkState.Streaming ? _node.Data.Offset : 0", "State == ReplicationLinkState.Streaming ? _node.Data.Offset : Load?.ReceivedOffset ?? 0"),
        new("what was sent counts as acknowledged", Acks, "AckedOffset = _lowestAck = ack.AppliedOffset;", "_lowestAck = ack.AppliedOffset; AckedOffset = _sender.Position;"),
        new("a wait for k replicas ends with one", "Replication/Master/AckWaits.cs", "count <= _acked.Count ? _acked[count - 1] : -1", "_acked.Count > 0 ? _acked[0] : -1"),
        new("a master never notices that its replica is silent", Timing, "now.Milliseconds - LastReceivedAt >= settings.LinkTimeout", "false"),
        new("a replica never notices that its master is silent", "Replication/Replica/ReplicaLink.cs", "now.Milliseconds - LastReceivedAt >= SilenceLimit", "false"),
        new("a slow replica may hold back any amount", "Replication/NodeCore.Writes.cs", "log.EndOffset - log.FirstRetainedOffset > Settings.EffectiveOutputLimit", "false"),
        new("an older connection of a replica keeps its place", "Replication/NodeCore.Sessions.cs", "_sessions[i].RunId == asking.RunId && _sessions[i].TakesPlace", "false"),
        new("one full sync too many runs", "Replication/NodeCore.cs", "Role == ReplicationRole.Replica && !IsLinkUp ? 0 : Settings.MaxConcurrentFullSyncs", "Role == ReplicationRole.Replica && !IsLinkUp ? 0 : Settings.MaxConcurrentFullSyncs + 1"),
        new("a partial resync begins one record late", "Replication/Master/MasterSession.Sync.cs", "new SyncSender(data, _node.Settings, offset, withSnapshot: false)", "new SyncSender(data, _node.Settings, data.Offset, withSnapshot: false)"),
    ];
}
