namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// Gives the memory of the backlog back when nobody has used it for <c>BacklogTimeToLive</c>. Only a master does: what a replica holds must outlive its promotion.
/// The window is then empty and stands at the current end; id and offset stay, so a replica that is exactly current continues and any other
/// gets a full sync. It fills again once a replica is back. Under the gate.
/// </summary>
internal sealed class BacklogLife(NodeCore node)
{
    private const int BlocksKept = 4;

    private long _aloneSince = -1;
    private bool _isReleased;

    /// <summary>The role changed: the time counts anew.</summary>
    public void Restart()
    {
        _aloneSince = -1;
        _isReleased = false;
    }

    public void Tick(Moment now)
    {
        if (node.Settings.BacklogTimeToLive == 0 || !node.Settings.KeepsStream || node.Role != ReplicationRole.Master || HasReplicas())
        {
            Restart();
            return;
        }

        if (_aloneSince < 0)
        {
            _aloneSince = now.Milliseconds;
        }
        else if (now.Milliseconds - _aloneSince >= node.Settings.BacklogTimeToLive)
        {
            Release();
        }
    }

    /// <summary>Again at every tick, as long as nobody is there: what is written meanwhile is kept for nobody.</summary>
    private void Release()
    {
        if (!_isReleased)
        {
            _isReleased = true;
            node.Events.BacklogReleased(node.Data.Offset);
        }

        node.Data.Log.ReleaseBacklog();
        node.StreamBlocks.Shrink(BlocksKept);
    }

    private bool HasReplicas()
    {
        foreach (MasterSession session in node.Sessions)
        {
            if (session.TakesPlace)
            {
                return true;
            }
        }

        return false;
    }
}
