using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <content>Writes, and waits for their acknowledgement.</content>
internal sealed partial class NodeCore
{
    private bool _offersToSend;
    private ICallersSender? _sender;

    /// <summary>
    /// A key as the present data set needs it: one that was hashed for another data set, because a swap came in between, is
    /// hashed anew.
    /// </summary>
    public StoreKey KeyFor(CacheStore hashedFor, scoped in StoreKey key) =>
        ReferenceEquals(hashedFor, Data.Store) ? key : Data.Store.MakeKey(key.Bytes);

    /// <summary>Writes a value; evicts what has to go for it. The caller has checked the sizes.</summary>
    /// <exception cref="CacheFullException">There is no memory for it.</exception>
    public void Set(in StoreKey key, in ReadOnlySequence<byte> value, in EntryExpiration expiration)
    {
        EnsureWritable();
        try
        {
            _evictor.MakeRoomFor(key.Bytes.Length, value.Length, expiration);
            Data.Set(key, value, expiration);
        }
        finally
        {
            // Also when it was refused: what was evicted for it is in the stream.
            StreamAdvanced();
        }
    }

    /// <summary>As <see cref="Set"/>, if the entry has the version that the caller expects; one that has expired counts as none.</summary>
    /// <returns>False if it has another version; nothing was changed then.</returns>
    public bool CompareAndSet(in StoreKey key, EntryVersion expected, in ReadOnlySequence<byte> value, in EntryExpiration expiration)
    {
        EnsureWritable();
        if (Data.Store.VersionOf(key) != expected)
        {
            return false;
        }

        Set(key, value, expiration);
        return true;
    }

    /// <summary>As <see cref="Remove"/>, if the entry has the version that the caller expects; one that has expired counts as none.</summary>
    /// <returns>False if it has another version; nothing was changed then, nor if none was expected and there is none.</returns>
    public bool CompareAndRemove(in StoreKey key, EntryVersion expected)
    {
        EnsureWritable();
        if (Data.Store.VersionOf(key) != expected)
        {
            return false;
        }

        if (!expected.IsNone)
        {
            Remove(key);
        }

        return true;
    }

    /// <returns>Whether there was one.</returns>
    public bool Remove(in StoreKey key)
    {
        EnsureWritable();
        if (!Data.Remove(key))
        {
            return false;
        }

        StreamAdvanced();
        return true;
    }

    /// <summary>What became of a write that was just made.</summary>
    public WriteResult Written(bool hasChanged) => new(hasChanged ? WriteStatus.Applied : WriteStatus.Unchanged, Data.History.Id, Data.Offset);

    /// <summary>A write was not made, because the entry has another version than its caller expects.</summary>
    public WriteResult Conflicting() => new(WriteStatus.Conflict, Data.History.Id, Data.Offset);

    public void Clear()
    {
        EnsureWritable();
        Data.Clear();
        StreamAdvanced();
    }

    /// <exception cref="ReadOnlyReplicaException">This node is a replica.</exception>
    /// <exception cref="NodeStoppedException">This node is stopping.</exception>
    /// <exception cref="NotEnoughReplicasException">Too few replicas follow closely.</exception>
    /// <exception cref="RecoveringMasterException">This node is a master that is still recovering.</exception>
    public void EnsureWritable()
    {
        if (Role != ReplicationRole.Master)
        {
            throw ReadOnly();
        }

        if (IsLoading)
        {
            Counters.WritesRefused++;
            throw new ReplicatedCacheException("This node is loading its snapshot file; it accepts writes when that is through.");
        }

        if (IsDraining)
        {
            Counters.WritesRefused++;
            throw new NodeStoppedException();
        }

        if (Recovery is { } recovery)
        {
            Counters.WritesRefused++;
            throw new RecoveringMasterException(recovery.Message);
        }

        MinReplicas.ThrowIfNotMet();
    }

    /// <summary>Refuses early what <see cref="EnsureWritable"/> would refuse on this replica.</summary>
    /// <exception cref="ReadOnlyReplicaException">This node is a replica that does not forward writes.</exception>
    public void ThrowIfReadOnly()
    {
        if (Role != ReplicationRole.Master && !ForwardsWrites)
        {
            throw ReadOnly();
        }
    }

    private ReadOnlyReplicaException ReadOnly()
    {
        Counters.WritesRefused++;
        return new ReadOnlyReplicaException(Upstream is { } upstream
            ? $"This node is a read-only replica. Write on its master, {upstream.Target}, or promote this node."
            : "This node is a read-only replica.");
    }

    /// <summary>Begins a wait for acknowledgements; <see cref="AckWait"/> says how it ends.</summary>
    /// <exception cref="NotMasterException">This node is a replica.</exception>
    /// <exception cref="NodeStoppedException">This node has stopped.</exception>
    /// <exception cref="ReplicatedCacheException">Too many callers wait already.</exception>
    public void WaitForAcks(AckWait wait, Moment now)
    {
        if (Role != ReplicationRole.Master)
        {
            throw new NotMasterException(Upstream is { } upstream
                ? $"Only a master can wait for acknowledgements, and this node is a replica of {upstream.Target}."
                : "Only a master can wait for acknowledgements, and this node is a replica.");
        }

        if (IsStopping)
        {
            throw new NodeStoppedException("This node was stopped, so no replica acknowledges anything to it any more.");
        }

        AckWaits.Begin(wait, now);
    }

    /// <summary>A replica acknowledged: somebody may have waited for it.</summary>
    public void Acked(Moment now)
    {
        AckWaits.Acked();
        MinReplicas.Acked(now);
    }

    /// <summary>Something was appended to the stream: replicas that cannot keep up are dropped, senders that wait are woken.</summary>
    public void StreamAdvanced()
    {
        StreamLog log = Data.Log;
        if (log.EndOffset - log.FirstRetainedOffset > Settings.EffectiveOutputLimit)
        {
            for (int i = _sessions.Count - 1; i >= 0; i--)
            {
                _sessions[i].CheckOutputLimit(_lastMoment);
            }

            Recording?.CheckOutputLimit();
        }

        if (IdleSessions > 0)
        {
            WakeIdleSessions();
        }

        if (Forwarder.AwaitsPosition)
        {
            Forwarder.Advanced();
        }

        if (log.EndOffset >= PositionWaits.NextOffset)
        {
            PositionWaits.Advanced();
        }
    }

    /// <summary>
    /// The thread that holds the gate will send to one replica itself when it has left it (<see cref="TakeSender"/>), if that replica has heard nothing for a while: a write by itself is on its way
    /// sooner by what waking a thread takes. The others' senders are woken, and all of them while writes come fast, so that a write costs its caller one short send at most.
    /// </summary>
    public void OfferToSend() => _offersToSend = true;

    /// <summary>Ends the offer, under the same hold of the gate. What is returned must be told to send after it: nobody else was woken for it.</summary>
    public ICallersSender? TakeSender()
    {
        ICallersSender? sender = _sender;
        _sender = null;
        _offersToSend = false;
        return sender;
    }

    /// <summary>Whether callers write here on the master: this node is a replica, and is configured so.</summary>
    public bool ForwardsWrites => Role == ReplicationRole.Replica && Settings.ForwardsWrites;

    /// <summary>Why nothing can be sent up now, as a sentence; null if it can.</summary>
    public string? WhyNothingCanBeForwarded => Upstream switch
    {
        null => "This node follows no master.",
        { Link: { State: ReplicationLinkState.Streaming } link } => link.CanForward ? null : $"The node {Upstream.Target} takes no forwarded writes; its version is older.",
        { } upstream => $"The link to the master, {upstream.Target}, is down{(upstream.DownReason is { } reason ? $" ({reason.TrimEnd('.')})" : "")}.",
    };

    /// <summary>A link is up: writes can be sent over it, and this node stays on its master's line.</summary>
    public void UplinkReady()
    {
        Forwarder.LinkUp();
        PositionWaits.LineChanged();
        Touches.SayAgain();
    }

    /// <summary>That link is over: no write that waits for it, or for an answer over it, goes any other way. Touches do, once there is another.</summary>
    public void UplinkLost(string reason, Moment now)
    {
        Forwarder.LinkLost(reason);
        Requests.LinkLost();
        TouchRequests.LinkLost(now);
        Uplink.Clear();
    }

    private void WakeIdleSessions()
    {
        MasterSession? sending = null;
        foreach (MasterSession session in _sessions)
        {
            if (!session.IsIdle)
            {
                continue;
            }

            session.IsIdle = false;
            if (_offersToSend && session.CallersSender is { IsQuiet: true } sender)
            {
                _offersToSend = false;
                _sender = sender;
            }
            else if (sending is null || !sending.TrySendFor(session))
            {
                // Woken when it has been told for whom it sends.
                sending?.Signal.Set();
                sending = session;
            }
        }

        sending?.Signal.Set();
        IdleSessions = 0;
    }
}
