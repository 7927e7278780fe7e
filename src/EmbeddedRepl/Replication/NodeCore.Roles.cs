using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication;

/// <content>How the node begins, and what it becomes at run time.</content>
internal sealed partial class NodeCore
{
    /// <summary>The role is known, the data is not: the snapshot file is loaded first.</summary>
    public void BeginLoading(ReplicationRole role)
    {
        IsLoading = true;
        Role = role;
        if (role == ReplicationRole.Master)
        {
            Staleness.BecomeMaster();
        }
    }

    /// <summary>The snapshot file is loaded, or there is none; the role can begin.</summary>
    public void FinishLoading(LoadedSnapshot? loaded, Moment now)
    {
        IsLoading = false;
        Upstream?.AskAnew(now);
        Ready.Update(IsReady);
        if (loaded is null)
        {
            return;
        }

        Swap(loaded.Data, now);
        DataSource = RecoverySource.File;
        LastFollowedMaster = loaded.LastMaster;
        if (Upstream is { } upstream && !HostEndPoint.AreSame(upstream.Target, loaded.LastMaster))
        {
            upstream.Order();
        }
    }

    /// <summary>
    /// The node begins as a master: its data set gets a history of its own. One that was loaded goes on under a new id, because another process may have
    /// continued the old one from the same offset.
    /// </summary>
    public void BeginAsMaster()
    {
        BecomeMaster();
        Data.ChangeHistory(Data.HasHistory
            ? Data.History.Continue(NewReplicationId(), Data.Offset, AncestorEnd.Restart)
            : ReplicationHistory.Begin(NewReplicationId()));

        // Somebody may have waited since the file was loaded, for a place that only the node's former life or its replicas have come to.
        Forwarder.HistoryChanged();
        PositionWaits.LineChanged();
        _backlogLife.Restart();
        Events.RoleChanged(Role, Data.History.Id, Data.Offset);
    }

    /// <summary>
    /// The node begins as a master that asks its replicas for what it lacks before it accepts writes; unless an operator has said already that what it has is
    /// what counts.
    /// </summary>
    public void BeginAsRecoveringMaster(Moment now)
    {
        if (OverridesRefusals)
        {
            // An operator decided while the file was loaded that what it holds is what counts, so nobody is asked.
            BeginAsMaster();
            WritesAwaited.Set();
            return;
        }

        BecomeMaster();
        Recovery = new MasterRecovery(this);
        if (ListeningSince >= 0)
        {
            Recovery.Begin(now);
        }

        Events.RoleChanged(Role, Data.History.Id, Data.Offset);
    }

    /// <summary>The node accepts connections from now on, which begins the window of a recovery.</summary>
    public void BeginListening(Moment now)
    {
        ListeningSince = now.Milliseconds;
        Recovery?.Begin(now);
    }

    /// <summary>The recovery is over, or given up: replicas that offered ask anew, writers go on.</summary>
    public void EndRecovery(Moment now)
    {
        if (Recovery is not null)
        {
            Recovery = null;
            CloseOffers("The recovery is over; ask anew.", now);
            _backlogLife.Restart();
            WritesAwaited.Set();
        }
    }

    /// <summary>Follows a master from now on. The own data is served until the master's has been loaded.</summary>
    /// <param name="target">The master, <c>host:port</c>.</param>
    /// <param name="isOrdered">
    /// Whether somebody ordered it, which confirms that the own data may be replaced. Another master than the one last followed is an order
    /// in itself.
    /// </param>
    /// <param name="connectSignal">Wakes the loop that connects.</param>
    /// <param name="now">The present.</param>
    public ReplicaLinkKeeper BeginAsReplica(string target, bool isOrdered, INodeSignal connectSignal, Moment now)
    {
        Upstream?.Stop(CloseReason.RoleChanged, now);
        EndRecovery(now);
        Role = ReplicationRole.Replica;
        Staleness.Follow();
        Ready.Update(IsReady);
        KeepStream();
        OverridesRefusals = false;
        isOrdered |= LastFollowedMaster is { } last && !HostEndPoint.AreSame(last, target);
        AckWaits.EndAll(AckWaitState.Demoted);
        Requests.Demoted();
        MinReplicas.Update(now);
        Upstream = new ReplicaLinkKeeper(this, target, isOrdered, connectSignal, now);
        AnnounceUpstream();
        Events.RoleChanged(Role, Data.History.Id, Data.Offset);
        return Upstream;
    }

    /// <summary>Becomes a master that goes on from what this node has applied, whatever it is.</summary>
    /// <exception cref="ReplicatedCacheException">The node never held complete data, and <paramref name="force"/> is false.</exception>
    public void Promote(bool force, Moment now) => Promote(new PromotionOptions { Force = force }, now);

    /// <summary>Becomes a master that goes on from what this node has applied, or stays what it is.</summary>
    /// <exception cref="PromotionRefusedException">The node is not where it must be.</exception>
    /// <exception cref="ReplicatedCacheException">The node never held complete data, and force is not asked for.</exception>
    public void Promote(PromotionOptions options, Moment now)
    {
        DataSet data = Data;
        PromotionCondition.ThrowIfNotMet(options, data, isMaster: Role == ReplicationRole.Master);
        if (Role == ReplicationRole.Master)
        {
            return;
        }

        if (IsLoading)
        {
            throw new ReplicatedCacheException("This node is loading its snapshot file; promote it when that is through.");
        }

        if (!data.HasHistory && !options.Force)
        {
            throw new ReplicatedCacheException(
                "This node never completed a sync, so it has nothing to serve as a master. Use force to make it an empty master.");
        }

        Upstream?.Stop(CloseReason.RoleChanged, now);
        Upstream = null;
        BecomeMaster();
        ReplicationId id = NewReplicationId();
        TakeHistory(data.HasHistory
            ? data.History.Continue(id, data.Offset, AncestorEnd.Promotion)
            : ReplicationHistory.Begin(id));
        TouchRequests.Promoted(now);
        AnnounceUpstream();
        _backlogLife.Restart();
        MinReplicas.Update(now);
        Events.RoleChanged(Role, data.History.Id, data.Offset);
        AdmitToFullSync(now);
    }

    /// <summary>Tells every replica whom this node follows, as far as is known.</summary>
    public void AnnounceUpstream()
    {
        foreach (MasterSession session in _sessions)
        {
            session.AnnounceUpstream(KnownUpstreamRunIds);
        }
    }

    /// <summary>A full sync is about to replace the data set: remembers what sub-replicas may follow, and counts what is lost.</summary>
    /// <param name="loaded">What is served next.</param>
    /// <param name="leavesItsLine">Whether somebody decided that the present line is given up: an order, an override, or a promotion that ended it.</param>
    public void NoteReplacement(DataSet loaded, bool leavesItsLine)
    {
        DataSet old = Data;
        long? lost = LostPosition.BytesBeyond(old.History, old.Offset, loaded.History, loaded.Offset);
        Counters.DiscardedBytes += lost ?? 0;
        if (leavesItsLine && lost != 0)
        {
            ReplacedLines.Add(old.History, old.Offset);
        }
    }

    public void OverrideRefusals()
    {
        if (Role != ReplicationRole.Master)
        {
            throw new ReplicatedCacheException("Only a master can override the refusals of its replicas. On a replica, call ReplicateFromAsync.");
        }

        OverridesRefusals = true;
        Recovery?.AcceptOwnData(_lastMoment);
    }

    /// <summary>The same data goes on under another id, from the present offset on.</summary>
    public void TakeHistory(ReplicationHistory history)
    {
        Data.ChangeHistory(history);
        foreach (MasterSession session in _sessions)
        {
            session.AnnounceHistory(history, Data.Offset);
        }

        Forwarder.HistoryChanged();
        PositionWaits.LineChanged();
        Touches.SayAgain();
    }

    /// <summary>Who follows a master may be asked for what it has when that recovers, even if nobody could ever ask this node before.</summary>
    private void KeepStream()
    {
        Settings = Settings with { KeepsStream = true };
        Data.Log.IsKept = true;
    }

    private void BecomeMaster()
    {
        Role = ReplicationRole.Master;
        Staleness.BecomeMaster();
        Ready.Update(IsReady);
    }
}
