using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.NodeProcess;

/// <summary>One step of one sync, and where the node was at that very moment.</summary>
internal sealed record SyncNote
{
    public required SyncStep Step { get; init; }

    /// <summary>The other end: the connection of a replica, or the master as it was ordered.</summary>
    public required string Peer { get; init; }

    /// <summary>The node's own history; empty if it has none.</summary>
    public required string Id { get; init; }

    public required long Offset { get; init; }

    public required bool IsReplica { get; init; }

    /// <summary>What was answered to a replica that asked, and why.</summary>
    public SyncAnswer Answer { get; init; }

    public SyncReason Reason { get; init; }

    /// <summary>The history that the replica asked for; empty if it has none.</summary>
    public string AskedId { get; init; } = "";

    public long AskedOffset { get; init; }

    /// <summary>Why the replica lets its data be replaced.</summary>
    public ConfirmationReason Confirmation { get; init; }

    /// <summary>The history of the full sync that is being received.</summary>
    public string OfferedId { get; init; } = "";

    /// <summary>Where that full sync began.</summary>
    public long StartOffset { get; init; }
}

internal enum SyncStep
{
    /// <summary>A replica asked and was answered.</summary>
    Decided,

    /// <summary>A full sync is being sent.</summary>
    Sending,

    /// <summary>The node was ordered to follow another master.</summary>
    Followed,

    /// <summary>The node has what its master has, by whichever sync.</summary>
    Linked,

    /// <summary>A full sync was offered, and the node accepts it.</summary>
    Confirmed,

    /// <summary>A full sync begins to arrive; the node still serves what it had.</summary>
    Receiving,

    /// <summary>A full sync has arrived and is served.</summary>
    Received,
}
