namespace EmbeddedRepl.Replication;

/// <summary>What a node has counted since it started. Written under the gate; 64-bit reads are not torn.</summary>
internal sealed class NodeCounters
{
    public long SyncFull;
    public long SyncPartialOk;
    public long SyncPartialErr;
    public long NotNowAnswers;
    public long FullSyncsCompleted;
    public long FullSyncsFailed;
    public long FullSyncsRefused;
    public long FullSyncsRefusedByReplica;
    public long PartialResyncsCompleted;
    public long DiscardedBytes;
    public long OutputLimitDisconnects;
    public long DigestMismatches;
    public long RecoveriesTaken;
    public long HandshakesRefused;
    public long LinkFailures;
    public long WritesRefused;
    public long LinkUps;
    public long Evictions;
    public long Expirations;

    /// <summary>Milliseconds that the last full sync to a replica took, from its start until all was sent; -1 before the first.</summary>
    public long LastFullSyncSent = -1;

    /// <summary>Milliseconds that the last full sync from the master took, from its start to the swap; -1 before the first.</summary>
    public long LastFullSyncReceived = -1;
}
