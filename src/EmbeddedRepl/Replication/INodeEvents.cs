using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.Replication;

/// <summary>
/// What the core tells about itself: turned into log messages in production and into a trace in the simulation. Called under
/// the gate; implementations must be quick and must not call back. No key and no value is ever passed.
/// </summary>
internal interface INodeEvents : IRecoveryEvents
{
    void RoleChanged(ReplicationRole role, ReplicationId id, long offset);

    void LinkConnecting(string master, int attempt);

    void LinkUp(string master, ReplicationId id, long offset);

    void LinkDown(string master, CloseReason reason, string message, long retryInMilliseconds);

    /// <summary>The node follows this master no longer; there will be no further attempt.</summary>
    void LinkStopped(string master, CloseReason reason, bool wasUp);

    void PartialResyncStarted(string master, ReplicationId id, long offset);

    void FullSyncWaiting(string master, int position);

    void FullSyncReceiving(string master, ReplicationId id, long startOffset, long entryEstimate);

    void FullSyncReceived(string master, ReplicationId id, long offset, long entries, long bytes, long milliseconds);

    void FullSyncDiscarded(string master, string reason);

    void FullSyncConfirmed(string master, ConfirmationReason reason, long discardedBytes);

    void FullSyncRefused(string master, ConfirmationReason reason);

    void DigestMismatch(string master, long offset);

    void SessionOpened(string peer);

    void SessionClosed(string peer, CloseReason reason, string message);

    void ReplicaStreaming(string peer, long offset);

    /// <summary>A replica that was streaming is gone; follows <see cref="SessionClosed"/>.</summary>
    void ReplicaLeft(string peer, long offset, CloseReason reason, string message);

    void HandshakeRefused(string peer, ErrorCode code, string message);

    void SyncDecided(string peer, SyncVerdict verdict, ReplicationId askedId, long askedOffset);

    void SyncNotNow(string peer, string reason);

    void FullSyncQueued(string peer, int position);

    void FullSyncStarted(string peer, long startOffset, long entries);

    void FullSyncSent(string peer, long entries, long bytes, long endOffset, long milliseconds);

    void FullSyncRefusedByReplica(string peer, string message);

    /// <summary>A master began or ceased to refuse writes, because too few replicas follow it closely.</summary>
    void WritesAllowedChanged(bool areAllowed, int goodReplicas, int neededReplicas);

    void BacklogReleased(long offset);

    void ReplicaOverrun(string peer, long pendingBytes, long limit);
}
