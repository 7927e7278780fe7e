using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>Keeps what a core tells about itself, one line per event: its name, then its arguments.</summary>
internal sealed class RecordedEvents : INodeEvents
{
    public List<string> Lines { get; } = [];

    public int Count(string name) => Lines.Count(line => line.StartsWith(name + " ", StringComparison.Ordinal));

    public void RoleChanged(ReplicationRole role, ReplicationId id, long offset) => Add(nameof(RoleChanged), role, id, offset);

    public void LinkConnecting(string master, int attempt) => Add(nameof(LinkConnecting), master, attempt);

    public void LinkUp(string master, ReplicationId id, long offset) => Add(nameof(LinkUp), master, id, offset);

    public void LinkDown(string master, CloseReason reason, string message, long retryInMilliseconds) =>
        Add(nameof(LinkDown), master, reason, message, retryInMilliseconds);

    public void LinkStopped(string master, CloseReason reason, bool wasUp) => Add(nameof(LinkStopped), master, reason, wasUp);

    public void PartialResyncStarted(string master, ReplicationId id, long offset) => Add(nameof(PartialResyncStarted), master, id, offset);

    public void FullSyncWaiting(string master, int position) => Add(nameof(FullSyncWaiting), master, position);

    public void FullSyncReceiving(string master, ReplicationId id, long startOffset, long entryEstimate) =>
        Add(nameof(FullSyncReceiving), master, id, startOffset, entryEstimate);

    public void FullSyncReceived(string master, ReplicationId id, long offset, long entries, long bytes, long milliseconds) =>
        Add(nameof(FullSyncReceived), master, id, offset, entries, bytes, milliseconds);

    public void FullSyncDiscarded(string master, string reason) => Add(nameof(FullSyncDiscarded), master, reason);

    public void FullSyncConfirmed(string master, ConfirmationReason reason, long discardedBytes) =>
        Add(nameof(FullSyncConfirmed), master, reason, discardedBytes);

    public void FullSyncRefused(string master, ConfirmationReason reason) => Add(nameof(FullSyncRefused), master, reason);

    public void WritesAllowedChanged(bool areAllowed, int goodReplicas, int neededReplicas) =>
        Add(nameof(WritesAllowedChanged), areAllowed, goodReplicas, neededReplicas);

    public void BacklogReleased(long offset) => Add(nameof(BacklogReleased), offset);

    public void DigestMismatch(string master, long offset) => Add(nameof(DigestMismatch), master, offset);

    public void SessionOpened(string peer) => Add(nameof(SessionOpened), peer);

    public void SessionClosed(string peer, CloseReason reason, string message) => Add(nameof(SessionClosed), peer, reason, message);

    public void ReplicaStreaming(string peer, long offset) => Add(nameof(ReplicaStreaming), peer, offset);

    public void ReplicaLeft(string peer, long offset, CloseReason reason, string message) => Add(nameof(ReplicaLeft), peer, offset, reason, message);

    public void HandshakeRefused(string peer, ErrorCode code, string message) => Add(nameof(HandshakeRefused), peer, code, message);

    public void SyncDecided(string peer, SyncVerdict verdict, ReplicationId askedId, long askedOffset) =>
        Add(nameof(SyncDecided), peer, verdict.Answer, verdict.Reason, askedId, askedOffset);

    public void SyncNotNow(string peer, string reason) => Add(nameof(SyncNotNow), peer, reason);

    public void FullSyncQueued(string peer, int position) => Add(nameof(FullSyncQueued), peer, position);

    public void FullSyncStarted(string peer, long startOffset, long entries) => Add(nameof(FullSyncStarted), peer, startOffset, entries);

    public void FullSyncSent(string peer, long entries, long bytes, long endOffset, long milliseconds) =>
        Add(nameof(FullSyncSent), peer, entries, bytes, endOffset, milliseconds);

    public void FullSyncRefusedByReplica(string peer, string message) => Add(nameof(FullSyncRefusedByReplica), peer, message);

    public void ReplicaOverrun(string peer, long pendingBytes, long limit) => Add(nameof(ReplicaOverrun), peer, pendingBytes, limit);

    public void RecoveryStarted(long windowMilliseconds, long limitMilliseconds) => Add(nameof(RecoveryStarted), windowMilliseconds, limitMilliseconds);

    public void RecoveryOffered(string peer, RecoveryCandidate candidate) =>
        Add(nameof(RecoveryOffered), peer, candidate.History.Id, candidate.Offset, candidate.Source);

    public void RecoveryTaking(string peer, RecoveryMode mode, RecoveryCandidate candidate) =>
        Add(nameof(RecoveryTaking), peer, mode, candidate.History.Id, candidate.Offset);

    public void RecoveryTaken(string peer, ReplicationId id, long offset, long entries) => Add(nameof(RecoveryTaken), peer, id, offset, entries);

    public void RecoveryAwaiting(string peer, RecoveryCandidate candidate, long milliseconds) =>
        Add(nameof(RecoveryAwaiting), peer, candidate.History.Id, candidate.Offset, milliseconds);

    public void RecoveryFailed(string peer, string reason) => Add(nameof(RecoveryFailed), peer, reason);

    public void RecoveryUndecided(string reason) => Add(nameof(RecoveryUndecided), reason);

    public void RecoveryEnded(ReplicationId id, long offset, long entries, long milliseconds) =>
        Add(nameof(RecoveryEnded), id, offset, entries, milliseconds);

    public void RecoveryOffering(string master, RecoveryCandidate candidate) =>
        Add(nameof(RecoveryOffering), master, candidate.History.Id, candidate.Offset, candidate.Source);

    public void RecoveryGiving(string master, RecoveryMode mode, ReplicationId id, long offset) => Add(nameof(RecoveryGiving), master, mode, id, offset);

    private void Add(string name, params object[] arguments) => Lines.Add($"{name} {string.Join(' ', arguments)}");
}
