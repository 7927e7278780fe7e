namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>
/// Mistakes that 2,000 seeds of the simulation do not show, because what they break needs a peer that misbehaves in one particular way, or a moment that hardly ever comes, or is not part of
/// what the simulation checks. They are for the unit tests alone; the letters are those of the rows in <c>tests/README.md</c>.
/// </summary>
internal static class UnitTestBugs
{
    private const string Load = "Replication/Replica/FullSyncLoad.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        // A14
        new("a peer that this node follows is not refused", "Replication/Handshake/MasterHandshake.cs", "frame.RunId == runId || upstream.Contains(frame.RunId)", "false"),
        new("a circle that closes later is not noticed", "Replication/Replica/ReplicaLinkKeeper.cs", "learnt.Contains(_node.RunId)", "false"),

        // A7
        new(
            "a full sync that stands still is waited for",
            "Replication/Replica/ReplicaLink.cs",
            "State == ReplicationLinkState.ReceivingSnapshot && now.Milliseconds - _receiver.LastProgressAt >= settings.LinkTimeout",
            "false"),

        // A8
        new("what was sent of a snapshot is not compared", Load, "Entries != end.EntriesSent || DigestOfReceived != new StoreDigest(end.DigestOfSent)", "false"),
        new("what was built from a snapshot is not compared", Load, "Target.Store.Count != end.EntryCountAtEnd || Target.Store.Digest != new StoreDigest(end.DigestAtEnd)", "false"),
        new(
            "what was taken in a recovery is not compared",
            "Replication/Recovery/RecoveryTransfer.cs",
            "data.Offset != end.EndOffset || data.Store.Digest.Sum != end.Digest || data.Store.Count != end.EntryCount || _receiver.IsInsideRecord",
            "false"),

        // A17
        new("replicas in line get no sign of life", "Replication/Master/MasterSession.Timing.cs", "Send(new FullSyncWaitFrame(_node.FullSyncs.PositionOf(this)));", ""),

        // D12
        new("a recovery from bytes keeps the master's own history", "Replication/Recovery/RecoveryTransfer.cs", "_node.TakeHistory(_offer.History);", ""),

        // D14
        new(
            "a recovering master with an older file gives who had more no time to come back",
            "Replication/Recovery/MasterRecovery.Waiting.cs",
            "missing.LeftAt + settings.RecoveryWindow",
            "0L"),
        new("a middle node hands up an earlier state of its own data", "Replication/Recovery/RecoveryOffering.cs", "RecoveryOrder.Contains(own, candidate)", "false"),

        // E11
        new("a touch counts as read now", "Replication/Forwarding/TouchRequests.cs", "now.UtcMilliseconds - Older(touch.AgeMs, waited)", "now.UtcMilliseconds"),

        // E6
        new("a middle node forgets what was on the way when its link broke", "Replication/NodeCore.Writes.cs", "TouchRequests.LinkLost(now);", ""),

        // H5
        new("the rename of a snapshot file is not flushed", "Persistence/SnapshotFolder.cs", "disk.Rename(_asideName, fileName);\n        disk.FlushDirectory();", "disk.Rename(_asideName, fileName);"),

        // Fencing of N
        new("a zombie connection's write is applied", "Replication/Forwarding/WriteRequests.cs", "!origin.TryAdvance(way, frame, node.Data.Offset)", "!origin.TryAdvance(way, frame, node.Data.Offset) && frame.Session < 0"),
    ];
}
