using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Recovery;

namespace EmbeddedRepl.Replication;

/// <content>The messages of a recovery.</content>
internal sealed partial class NodeLog
{
    private RecoveryCandidate? _lastOffered;

    public void RecoveryStarted(long windowMilliseconds, long limitMilliseconds) =>
        logger.RecoveryStarted(TimeSpan.FromMilliseconds(windowMilliseconds), TimeSpan.FromMilliseconds(limitMilliseconds));

    public void RecoveryOffered(string peer, RecoveryCandidate candidate)
    {
        if (_repetitions.IsNew(peer, $"{candidate.Holder} {candidate.History.Id} {candidate.Offset} {candidate.Source}"))
        {
            logger.RecoveryOffered(peer, candidate.History.Id, candidate.Offset, candidate.EntryCount, candidate.Source.ToString());
        }
    }

    public void RecoveryTaking(string peer, RecoveryMode mode, RecoveryCandidate candidate) =>
        logger.RecoveryTaking(peer, mode.ToString(), candidate.History.Id, candidate.Offset, candidate.EntryCount);

    public void RecoveryTaken(string peer, ReplicationId id, long offset, long entries) => logger.RecoveryTaken(peer, id, offset, entries);

    public void RecoveryAwaiting(string peer, RecoveryCandidate candidate, long milliseconds) =>
        logger.RecoveryAwaiting(peer, candidate.History.Id, candidate.Offset, candidate.EntryCount, TimeSpan.FromMilliseconds(milliseconds));

    public void RecoveryFailed(string peer, string reason) => logger.RecoveryFailed(peer, reason);

    public void RecoveryUndecided(string reason) => logger.RecoveryUndecided(reason);

    public void RecoveryEnded(ReplicationId id, long offset, long entries, long milliseconds) =>
        logger.RecoveryEnded(id, offset, entries, TimeSpan.FromMilliseconds(milliseconds));

    public void RecoveryOffering(string master, RecoveryCandidate candidate)
    {
        if (!candidate.SaysTheSameAs(_lastOffered))
        {
            _lastOffered = candidate;
            logger.RecoveryOffering(master, candidate.History.Id, candidate.Offset, candidate.EntryCount, candidate.Source.ToString());
        }
    }

    public void RecoveryGiving(string master, RecoveryMode mode, ReplicationId id, long offset) =>
        logger.RecoveryGiving(master, mode.ToString(), id, offset);
}
