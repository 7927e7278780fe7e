using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Replica;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Turns what the core tells into log messages, so that an operator can follow every sync, and passes on what an application wants to hear
/// as an event: where there is an event there is a log line. Syncs are passed on to those who measure them.
/// </summary>
internal sealed partial class NodeLog(
    ILogger logger, TimeProvider time, ReplicationNotices? notices = null, SyncObserver? syncs = null) : INodeEvents
{
    private readonly RepetitionFilter _repetitions = new(time);

    // A master that is away would otherwise fill the log with the same line, once for every attempt.
    private string? _lastLinkFailure;
    private ConfirmationReason? _lastRefusal;

    public void RoleChanged(ReplicationRole role, ReplicationId id, long offset)
    {
        logger.RoleIs(role, id, offset);
        notices?.RoleIs(role, id, offset);
    }

    public void LinkConnecting(string master, int attempt) => logger.LinkConnecting(master, attempt);

    public void LinkUp(string master, ReplicationId id, long offset)
    {
        _lastLinkFailure = null;
        _lastRefusal = null;
        logger.LinkUp(master, offset);
        notices?.LinkUp(master, id, offset);
    }

    public void LinkDown(string master, CloseReason reason, string message, long retryInMilliseconds)
    {
        string failure = $"{reason}: {message}";
        if (failure != _lastLinkFailure)
        {
            _lastLinkFailure = failure;
            logger.LinkDown(master, failure);
        }

        notices?.LinkEnded(master, failure, isRetrying: true);
        logger.LinkRetry(master, TimeSpan.FromMilliseconds(retryInMilliseconds));
    }

    public void LinkStopped(string master, CloseReason reason, bool wasUp)
    {
        _lastLinkFailure = null;
        _lastRefusal = null;
        logger.LinkStopped(master, reason.ToString());
        notices?.LinkEnded(master, reason.ToString(), isRetrying: false);
    }

    public void PartialResyncStarted(string master, ReplicationId id, long offset)
    {
        logger.PartialResyncReceived(master, id, offset);
        syncs?.PartialResync(master, isReceived: true);
    }

    public void FullSyncWaiting(string master, int position) => logger.FullSyncWaitReceived(master, position);

    public void FullSyncReceiving(string master, ReplicationId id, long startOffset, long entryEstimate)
    {
        logger.FullSyncLoadStarted(master, id, startOffset, entryEstimate);
        syncs?.FullSyncReceiving();
    }

    public void FullSyncReceived(string master, ReplicationId id, long offset, long entries, long bytes, long milliseconds)
    {
        logger.FullSyncLoadFinished(master, entries, bytes, TimeSpan.FromMilliseconds(milliseconds), id, offset);
        syncs?.FullSyncReceived(master, entries, bytes, milliseconds);
    }

    public void FullSyncDiscarded(string master, string reason)
    {
        logger.FullSyncDiscarded(master, reason);
        syncs?.FullSyncDiscarded(master, reason);
    }

    public void FullSyncConfirmed(string master, ConfirmationReason reason, long discardedBytes)
    {
        logger.FullSyncConfirmed(master, reason.ToString());
        if (discardedBytes > 0)
        {
            logger.OwnWritesDiscarded(master, discardedBytes);
        }
    }

    public void FullSyncRefused(string master, ConfirmationReason reason)
    {
        if (reason != _lastRefusal)
        {
            _lastRefusal = reason;
            logger.FullSyncRefused(master, reason.ToString(), FullSyncConfirmation.Explain(reason));
        }
    }

    public void DigestMismatch(string master, long offset) => logger.DigestMismatch(master, offset);

    public void SessionOpened(string peer) => logger.PeerConnected(peer);

    public void SessionClosed(string peer, CloseReason reason, string message)
    {
        bool repeats = reason is CloseReason.HandshakeRefused or CloseReason.FullSyncRefused or CloseReason.NotNow;
        if (!repeats || _repetitions.IsNew(peer, message))
        {
            logger.SessionClosed(peer, reason.ToString(), message);
        }
    }

    public void ReplicaStreaming(string peer, long offset)
    {
        logger.ReplicaAttached(peer, offset);
        notices?.ReplicaAttached(peer, offset);
    }

    public void ReplicaLeft(string peer, long offset, CloseReason reason, string message)
    {
        logger.ReplicaLeft(peer, offset, reason.ToString(), message);
        notices?.ReplicaLeft(peer, offset, $"{reason}: {message}");
    }

    public void HandshakeRefused(string peer, ErrorCode code, string message)
    {
        if (_repetitions.IsNew(peer, message))
        {
            logger.HandshakeRefused(peer, code.ToString(), message);
        }
    }

    public void SyncDecided(string peer, SyncVerdict verdict, ReplicationId askedId, long askedOffset)
    {
        if (verdict.Answer == SyncAnswer.Continue)
        {
            logger.PartialResyncGranted(peer, askedId, askedOffset);
            syncs?.PartialResync(peer, isReceived: false);
        }
        else if (verdict.Answer == SyncAnswer.Full && _repetitions.IsNew(peer, $"{verdict.Reason} {askedId} {askedOffset}"))
        {
            logger.FullSyncDecided(peer, verdict.Reason.ToString(), askedId, askedOffset);
        }
    }

    public void SyncNotNow(string peer, string reason)
    {
        if (_repetitions.IsNew(peer, reason))
        {
            logger.NotNowDecided(peer, reason);
        }
    }

    public void FullSyncQueued(string peer, int position) => logger.FullSyncWaiting(peer, position);

    public void FullSyncStarted(string peer, long startOffset, long entries) => logger.FullSyncSendStarted(peer, startOffset, entries);

    public void FullSyncSent(string peer, long entries, long bytes, long endOffset, long milliseconds)
    {
        logger.FullSyncSendFinished(peer, entries, bytes, TimeSpan.FromMilliseconds(milliseconds), endOffset);
        syncs?.FullSyncSent(peer, entries, bytes, milliseconds);
    }

    public void FullSyncRefusedByReplica(string peer, string message)
    {
        if (_repetitions.IsNew(peer, message))
        {
            logger.ReplicaRefusedFullSync(peer, message);
        }
    }

    public void WritesAllowedChanged(bool areAllowed, int goodReplicas, int neededReplicas)
    {
        if (areAllowed)
        {
            logger.WritesResumed(goodReplicas, neededReplicas);
        }
        else
        {
            logger.WritesSuspended(goodReplicas, neededReplicas);
        }
    }

    public void BacklogReleased(long offset) => logger.BacklogReleased(offset);

    public void ReplicaOverrun(string peer, long pendingBytes, long limit) => logger.ReplicaOverrun(peer, pendingBytes, limit);
}
