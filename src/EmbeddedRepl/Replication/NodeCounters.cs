using EmbeddedRepl.Replication.Forwarding;

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
    public long WritesForwarded;
    public long ForwardsFailed;
    public long ForwardsUnknown;
    public long TouchesSent;
    public long TouchesReceived;
    public long TouchesDropped;
    public long Evictions;
    public long Expirations;

    /// <summary>Milliseconds that the last full sync to a replica took, from its start until all was sent; -1 before the first.</summary>
    public long LastFullSyncSent = -1;

    /// <summary>Milliseconds that the last full sync from the master took, from its start to the swap; -1 before the first.</summary>
    public long LastFullSyncReceived = -1;

    /// <summary>A write that a caller made on this replica has ended.</summary>
    public void CountForwarded(ForwardedWriteEnd end)
    {
        switch (end)
        {
            case ForwardedWriteEnd.Done:
                WritesForwarded++;
                break;
            case ForwardedWriteEnd.Unknown or ForwardedWriteEnd.NotHere:
                ForwardsUnknown++;
                break;
            default:
                ForwardsFailed++;
                break;
        }
    }
}
