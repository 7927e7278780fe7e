namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// Whether enough replicas follow closely for this master to accept writes (<c>MinReplicasToWrite</c>, <c>MinReplicasMaxLag</c>). A write asks one flag, which is
/// computed when time passes, when a replica acknowledges while it is down, and when one leaves. Under the gate.
/// </summary>
internal sealed class MinReplicas(NodeCore node)
{
    private bool _isMet = node.Settings.MinReplicasToWrite == 0;

    /// <summary>Whether writes are accepted.</summary>
    public bool IsMet => _isMet;

    /// <summary>Replicas that have acknowledged recently enough, at the last look.</summary>
    public int Good { get; private set; }

    /// <summary>A replica acknowledged: that can only help.</summary>
    public void Acked(Moment now)
    {
        if (!_isMet)
        {
            Update(now);
        }
    }

    /// <summary>Looks again: time passed, a replica left, or the role changed.</summary>
    public void Update(Moment now)
    {
        int needed = node.Settings.MinReplicasToWrite;
        if (needed == 0 || node.Role != ReplicationRole.Master)
        {
            Good = 0;
            _isMet = needed == 0;
            return;
        }

        Good = 0;
        foreach (MasterSession session in node.Sessions)
        {
            Good += session.IsSynced && now.Milliseconds - session.LastAckAt <= node.Settings.MinReplicasMaxLag ? 1 : 0;
        }

        bool isMet = Good >= needed;
        if (isMet != _isMet)
        {
            _isMet = isMet;
            node.Events.WritesAllowedChanged(isMet, Good, needed);
        }
    }

    public void ThrowIfNotMet()
    {
        if (!_isMet)
        {
            node.Counters.WritesRefused++;
            throw new NotEnoughReplicasException(node.Settings.MinReplicasToWrite, Good, TimeSpan.FromMilliseconds(node.Settings.MinReplicasMaxLag));
        }
    }
}
