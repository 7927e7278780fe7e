namespace EmbeddedRepl.Replication;

/// <summary>
/// Makes the events that an application sees out of what the core tells: only what changed, each once, in order. Called under the gate, so
/// that the order of the events is the order in which things happened.
/// </summary>
/// <param name="queue">Delivers them.</param>
/// <param name="time">Dates them.</param>
/// <param name="role">The role that the node begins with, which is no change.</param>
internal sealed class ReplicationNotices(INoticeQueue queue, TimeProvider time, ReplicationRole role)
{
    private ReplicationRole _role = role;
    private bool _isLinkUp;
    private long _count;

    public void RoleIs(ReplicationRole newRole, ReplicationId id, long offset)
    {
        if (newRole != _role)
        {
            _role = newRole;
            queue.Add(new RoleChangedEventArgs
            {
                SequenceNumber = ++_count,
                OccurredAt = time.GetUtcNow(),
                Role = newRole,
                ReplicationId = id,
                ReplicationOffset = offset,
            });
        }
    }

    public void LinkUp(string master, ReplicationId id, long offset)
    {
        _isLinkUp = true;
        queue.Add(new LinkUpEventArgs
        {
            SequenceNumber = ++_count,
            OccurredAt = time.GetUtcNow(),
            Master = master,
            ReplicationId = id,
            ReplicationOffset = offset,
        });
    }

    /// <summary>A connection or an attempt has ended; an event only if the link was up.</summary>
    public void LinkEnded(string master, string reason, bool isRetrying)
    {
        if (_isLinkUp)
        {
            _isLinkUp = false;
            queue.Add(new LinkDownEventArgs
            {
                SequenceNumber = ++_count,
                OccurredAt = time.GetUtcNow(),
                Master = master,
                Reason = reason,
                IsRetrying = isRetrying,
            });
        }
    }

    public void ReplicaAttached(string replica, long offset) => queue.Add(new ReplicaAttachedEventArgs
    {
        SequenceNumber = ++_count,
        OccurredAt = time.GetUtcNow(),
        Replica = replica,
        ReplicationOffset = offset,
    });

    public void ReplicaLeft(string replica, long offset, string reason) => queue.Add(new ReplicaLeftEventArgs
    {
        SequenceNumber = ++_count,
        OccurredAt = time.GetUtcNow(),
        Replica = replica,
        AcknowledgedOffset = offset,
        Reason = reason,
    });
}
