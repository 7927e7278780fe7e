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
    /// <param name="settings">The output limit is read from here.</param>
    public bool IsSnapshotNext(long pendingBytes, NodeSettings settings)
    {
        int share = pendingBytes switch
        {
            0 => 0,
            _ when pendingBytes < settings.ReplicaOutputLimit / 8 => 1,
            _ when pendingBytes < settings.ReplicaOutputLimit / 2 => 4,
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
