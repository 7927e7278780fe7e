using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Makes reports of the syncs of a node. Called under the gate, where no code of the application may run: so a report is posted to a queue, whose thread hands it to those who
/// listen. Without listeners nothing is posted.
/// </summary>
internal sealed class SyncObserver(CacheTelemetry telemetry, EventQueue queue, TimeProvider time)
{
    /// <summary>How many reports may wait. Further ones are dropped: the counters of syncs do not depend on them.</summary>
    public const int Capacity = 256;

    // One full sync is received at a time.
    private long _receivingSince;

    public void FullSyncReceiving() => _receivingSince = time.GetTimestamp();

    public void FullSyncReceived(string master, long entries, long bytes, long milliseconds) =>
        Post(new SyncReport
        {
            IsFull = true,
            IsReceived = true,
            Peer = master,
            EndedAt = time.GetUtcNow(),
            Duration = TimeSpan.FromMilliseconds(milliseconds),
            Entries = entries,
            Bytes = bytes,
        });

    public void FullSyncDiscarded(string master, string reason) =>
        Post(new SyncReport
        {
            IsFull = true,
            IsReceived = true,
            Peer = master,
            EndedAt = time.GetUtcNow(),
            Duration = time.GetElapsedTime(_receivingSince),
            Failure = reason,
        });

    public void FullSyncSent(string replica, long entries, long bytes, long milliseconds) =>
        Post(new SyncReport
        {
            IsFull = true,
            IsReceived = false,
            Peer = replica,
            EndedAt = time.GetUtcNow(),
            Duration = TimeSpan.FromMilliseconds(milliseconds),
            Entries = entries,
            Bytes = bytes,
        });

    public void PartialResync(string peer, bool isReceived) =>
        Post(new SyncReport { IsFull = false, IsReceived = isReceived, Peer = peer, EndedAt = time.GetUtcNow() });

    private void Post(SyncReport report)
    {
        if (telemetry.WantsSyncs)
        {
            queue.Post(() => telemetry.SyncEnded(report));
        }
    }
}
