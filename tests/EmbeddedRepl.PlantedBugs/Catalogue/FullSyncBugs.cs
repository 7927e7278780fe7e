namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes in a full sync: the snapshot beside writers, the swap, and what a replica lets replace its data.</summary>
internal static class FullSyncBugs
{
    private const string Cursor = "Storage/SnapshotCursor.cs";
    private const string Sender = "Replication/SyncSender.cs";
    private const string Link = "Replication/Replica/ReplicaLink.Sync.cs";
    private const string Confirmation = "Replication/Replica/FullSyncConfirmation.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("a replica swaps before the end offset", Link, "_receiver.ReceiveStream(chunk, now);", "_receiver.ReceiveStream(chunk, now); if (Load is { Entries: > 0 } early) { _node.Swap(early.Target, now); }"),
        new("a record overtakes an older piece of its entry", Sender, "_snapshot!.HasUnsentBytes || _policy.IsSnapshotNext(PendingBytes, _settings)", "_policy.IsSnapshotNext(PendingBytes, _settings)"),
        new("the last entries of a snapshot are forgotten", "Replication/Master/SnapshotSender.cs", "_cursorEnded && !HasUnsentBytes", "_cursorEnded"),
        new("the stream of a full sync begins at its end", Sender, "data.Log.OpenCursor(offset)", "data.Log.OpenCursor(withSnapshot ? data.Offset : offset)"),
        new("a snapshot skips what writers disturbed", Cursor, "_position = hash;", "_position = hash + IndexSlot.HashStep;"),
        new("a touched entry is left out of a snapshot", Cursor, "lastChange >= _changedSince", "lastChange >= _changedSince && lastChange == entry.Version"),
        new("expired entries are left out of a snapshot", Cursor, "left -= entry.Content.Length;", "left -= entry.Content.Length; if (expiration.Deadline != 0 && entry.Version % 3 == 0) { return; }"),
        new("a master of another history replaces data unasked", Confirmation, "idsFellOffTheList ? ConfirmationReason.OfferedHistoryIsMuchNewer : ConfirmationReason.UnrelatedHistory", "ConfirmationReason.OfferedHistoryIsMuchNewer"),
        new("a master that lost its end rolls its replicas back", Confirmation, "ancestor.EndedBy == Protocol.AncestorEnd.Promotion", "true"),
        new("sub-replicas stay when their node takes other data", "Replication/NodeCore.cs", "session => session.State != ReplicaSessionState.Recovering", "_ => false"),
    ];
}
