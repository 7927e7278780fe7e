namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// Shares a connection between snapshot and stream during a full sync. The stream is sent all along, so what waits stays
/// within the output limit as long as the replica can keep up; the snapshot always gets a share, so the sync ends. The more
/// waits, the larger the stream's share.
/// </summary>
internal struct SendPolicy
{
    private int _streamChunksSinceSnapshot;

    /// <param name="pendingBytes">Bytes of stream that wait for the replica.</param>
    /// <param name="settings">The output limits are read from here.</param>
    public bool IsSnapshotNext(long pendingBytes, NodeSettings settings)
    {
        // The lower of the two limits counts: what waits settles where the stream's share is large enough, and if that were beyond the soft
        // limit, a replica that can keep up would be dropped for it in every full sync.
        long limit = Math.Min(settings.ReplicaOutputLimit, settings.EffectiveSoftLimit);
        int share = pendingBytes switch
        {
            0 => 0,
            _ when pendingBytes < limit / 8 => 1,
            _ when pendingBytes < limit / 2 => 4,
            _ => 64,
        };
        if (_streamChunksSinceSnapshot >= share)
        {
            _streamChunksSinceSnapshot = 0;
            return true;
        }

        _streamChunksSinceSnapshot++;
        return false;
    }
}
