using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>What a recovery tells about itself. Called under the gate.</summary>
internal interface IRecoveryEvents
{
    void RecoveryStarted(long windowMilliseconds, long limitMilliseconds);

    void RecoveryOffered(string peer, RecoveryCandidate candidate);

    void RecoveryTaking(string peer, RecoveryMode mode, RecoveryCandidate candidate);

    void RecoveryTaken(string peer, ReplicationId id, long offset, long entries);

    void RecoveryAwaiting(string peer, RecoveryCandidate candidate, long milliseconds);

    void RecoveryFailed(string peer, string reason);

    void RecoveryUndecided(string reason);

    void RecoveryEnded(ReplicationId id, long offset, long entries, long milliseconds);

    void RecoveryOffering(string master, RecoveryCandidate candidate);

    void RecoveryGiving(string master, RecoveryMode mode, ReplicationId id, long offset);
}
