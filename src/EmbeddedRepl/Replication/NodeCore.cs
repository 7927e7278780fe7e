using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication;

/// <summary>
/// A node without threads, sockets and logs: its role, its data set, the sessions of its replicas and the link to its
/// master. Every member is called under <see cref="Gate"/>, except <see cref="Data"/>, which may be read by anybody. The same
/// object runs in production and, by the thousand, in the simulation.
/// </summary>
internal sealed class NodeCore
{
    private readonly TimeProvider _storeTime;
    private readonly SegmentPool _segments;
    private readonly StreamBlockPool _blocks;
    private readonly BacklogLife _backlogLife;
    private readonly Evictor _evictor;
    private readonly List<MasterSession> _sessions = [];
    private DataSet _data;
    private Moment _lastMoment;

    public NodeCore(NodeSettings settings, RunId runId, INodeRandom random, INodeEvents events, TimeProvider storeTime, Lock gate)
    {
        Settings = settings;
        RunId = runId;
        Random = random;
        Events = events;
        Gate = gate;
        _storeTime = storeTime;
        _segments = new SegmentPool();
        _blocks = new StreamBlockPool(StreamBlockPool.DefaultBlockSize, FreeBlocksFor(settings));
        AckWaits = new AckWaits(this);
        MinReplicas = new MinReplicas(this);
        _backlogLife = new BacklogLife(this);
        _evictor = new Evictor(this);
        _data = CreateDataSet(ReplicationHistory.None, 0, NewSeed());
    }

    /// <summary>
    /// Held by whoever changes the node. The store takes it too when a reader's optimistic tries are used up. Held for
    /// microseconds, never during I/O.
    /// </summary>
    public Lock Gate { get; }

    /// <summary>Replaced as a whole when the configuration changes; immutable.</summary>
    public NodeSettings Settings { get; private set; }

    public RunId RunId { get; }

    public INodeRandom Random { get; }

    public INodeEvents Events { get; }

    public NodeCounters Counters { get; } = new();

    public FullSyncLine FullSyncs { get; } = new();

    /// <summary>The callers that wait for acknowledgements.</summary>
    public AckWaits AckWaits { get; }

    /// <summary>Whether enough replicas follow for writes to be accepted.</summary>
    public MinReplicas MinReplicas { get; }

    /// <summary>Recycled memory of the stream.</summary>
    public StreamBlockPool StreamBlocks => _blocks;

    /// <summary>Whether the node is about to stop and takes no more writes, so that its end stands still while replicas catch up.</summary>
    public bool IsDraining { get; private set; }

    public ReplicationRole Role { get; private set; } = ReplicationRole.Replica;

    /// <summary>What is served. Readable without the gate; replaced as a whole by a swap.</summary>
    public DataSet Data => Volatile.Read(ref _data);

    /// <summary>The link to the master; null on a master.</summary>
    public ReplicaLinkKeeper? Upstream { get; private set; }

    public IReadOnlyList<MasterSession> Sessions => _sessions;

    /// <summary>How many sessions wait to be woken by an append.</summary>
    public int IdleSessions { get; set; }

    /// <summary>What this node gave up by an order, so that its sub-replicas follow it.</summary>
    public ReplacedLines ReplacedLines { get; } = new();

    /// <summary>The master that this node last synced with, <c>host:port</c>; null if it never followed one. Set from the snapshot file, too.</summary>
    public string? LastFollowedMaster { get; set; }

    /// <summary>
    /// How many full syncs may run now. None while the own link is down: data of unknown age must not replace anything, so those that wait
    /// in line go on waiting, and are kept alive.
    /// </summary>
    public int FullSyncPlaces => Role == ReplicationRole.Replica && !IsLinkUp ? 0 : Settings.MaxConcurrentFullSyncs;

    /// <summary>Whether an operator lets this master replace the data of replicas that refuse; for this run.</summary>
    public bool OverridesRefusals { get; private set; }

    public bool IsStopping { get; private set; }

    /// <summary>Whether the snapshot file is being loaded: there is no data yet to serve, to offer or to change.</summary>
    public bool IsLoading { get; private set; }

    /// <summary>What is being saved; null if nothing is.</summary>
    public SnapshotRecording? Recording { get; set; }

    /// <summary>Wakes the loop that saves; null without one.</summary>
    public INodeSignal? SnapshotSignal { get; set; }

    /// <summary>The address that replicas of this node are told, if one is configured.</summary>
    public string? AnnouncedHost { get; init; }

    public int AnnouncedPort { get; init; }

    /// <summary>The recovery of this master; null when there is none, or it is over.</summary>
    public MasterRecovery? Recovery { get; private set; }

    /// <summary>What this node's replicas have offered to a recovering master.</summary>
    public RecoveryOffers Offers { get; } = new();

    /// <summary>Who waits for such offers; null if nobody does.</summary>
    public IOfferCollector? OfferCollector => IsStopping ? null : Recovery is not null ? Recovery : Upstream?.Link?.Offering;

    /// <summary>Set when writes are accepted, or are known not to be for long.</summary>
    public INodeSignal WritesAwaited { get; init; } = NoSignal.Instance;

    /// <summary>Since when this node accepts connections, in ticks; -1 while it does not.</summary>
    public long ListeningSince { get; private set; } = -1;

    /// <summary>Where the data came from that is served.</summary>
    public RecoverySource DataSource { get; private set; } = RecoverySource.Memory;

    /// <summary>Whether this node is a master that is not recovering.</summary>
    public bool AcceptsWrites => Role == ReplicationRole.Master && Recovery is null;

    public bool IsLinkUp => Upstream?.State == ReplicationLinkState.Streaming;

    /// <summary>Whether the node serves complete data: it is a master, or the data set has a place in a history.</summary>
    public bool IsReady => !IsLoading && (Role == ReplicationRole.Master || Data.HasHistory);

    /// <summary>The nodes above this one, as far as they are known; kept while links are down.</summary>
    public IReadOnlyList<RunId> KnownUpstreamRunIds => Upstream?.UpstreamRunIds ?? [];

    /// <summary>The role is known, the data is not: the snapshot file is loaded first.</summary>
    public void BeginLoading(ReplicationRole role)
    {
        IsLoading = true;
        Role = role;
    }

    /// <summary>The snapshot file is loaded, or there is none; the role can begin.</summary>
    public void FinishLoading(LoadedSnapshot? loaded, Moment now)
    {
        IsLoading = false;
        Upstream?.AskAnew(now);
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
        Role = ReplicationRole.Master;
        Data.ChangeHistory(Data.HasHistory
            ? Data.History.Continue(NewReplicationId(), Data.Offset, AncestorEnd.Restart)
            : ReplicationHistory.Begin(NewReplicationId()));

        _backlogLife.Restart();
        Events.RoleChanged(Role, Data.History.Id, Data.Offset);
    }

    /// <summary>The node begins as a master that asks its replicas for what it lacks before it accepts writes.</summary>
    public void BeginAsRecoveringMaster(Moment now)
    {
        Role = ReplicationRole.Master;
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
        ListeningSince = now.Ticks;
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

    /// <summary>Sends those away who offered data: nobody collects offers any more.</summary>
    public void CloseOffers(string message, Moment now)
    {
        for (int i = _sessions.Count - 1; i >= 0; i--)
        {
            if (_sessions[i].State == ReplicaSessionState.Recovering)
            {
                _sessions[i].Close(CloseReason.RecoveryEnded, message, now, ErrorCode.HistoryReplaced);
            }
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
        OverridesRefusals = false;
        isOrdered |= LastFollowedMaster is { } last && !string.Equals(last, target, StringComparison.OrdinalIgnoreCase);
        AckWaits.EndAll(AckWaitState.Demoted);
        MinReplicas.Update(now);
        Upstream = new ReplicaLinkKeeper(this, target, isOrdered, connectSignal, now);
        AnnounceUpstream();
        Events.RoleChanged(Role, Data.History.Id, Data.Offset);
        return Upstream;
    }

    /// <summary>
    /// Goes on with other settings. Connections that exist stay: passwords and limits of the handshake are asked of those that come. What is
    /// part of an entry or of the handshake's agreement (cache name, largest key and value) must be the same.
    /// </summary>
    public void ChangeSettings(NodeSettings settings, Moment now)
    {
        Data.Store.MaxBytes = settings.Store.MaxBytes;
        Settings = settings;
        Data.Log.IsKept |= settings.KeepsStream;
        ResizeBacklog(settings.BacklogSize);
        MinReplicas.Update(now);
        AdmitToFullSync(now);
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
        Role = ReplicationRole.Master;
        ReplicationId id = NewReplicationId();
        TakeHistory(data.HasHistory
            ? data.History.Continue(id, data.Offset, AncestorEnd.Promotion)
            : ReplicationHistory.Begin(id));
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

    /// <summary>This node has what its master has.</summary>
    public void FollowedMaster(string target) => LastFollowedMaster = target;

    /// <summary>Lets those in who wait in line, as far as there are places: called when the link is up again and at a promotion.</summary>
    public void AdmitToFullSync(Moment now)
    {
        foreach (MasterSession next in FullSyncs.Admit(FullSyncPlaces))
        {
            next.StartFullSync(now);
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

    public void Remove(in StoreKey key)
    {
        EnsureWritable();
        if (Data.Remove(key))
        {
            StreamAdvanced();
        }
    }

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
            Counters.WritesRefused++;
            throw new ReadOnlyReplicaException(Upstream is { } upstream
                ? $"This node is a read-only replica. Write on its master, {upstream.Target}, or promote this node."
                : "This node is a read-only replica.");
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

    /// <summary>
    /// Changes the size of the backlog while the node runs. Replicas keep their places; one that holds back more than a smaller backlog
    /// lets it (see <see cref="NodeSettings.EffectiveOutputLimit"/>) is dropped by the next write.
    /// </summary>
    public void ResizeBacklog(long bytes)
    {
        Settings = Settings with { BacklogSize = bytes };
        _blocks.MaxFreeBlocks = FreeBlocksFor(Settings);
        Data.Log.Resize(bytes);
        _blocks.Shrink(_blocks.MaxFreeBlocks);
    }

    /// <summary>The node is about to stop: a master takes no more writes, and its end stands still.</summary>
    public void Drain() => IsDraining = true;

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
    }

    /// <summary>A connection came in.</summary>
    /// <param name="peer">How it is called in messages.</param>
    /// <param name="isLoopback">Whether it comes from this machine.</param>
    /// <param name="signal">Wakes the loop that sends to it.</param>
    /// <param name="now">The present.</param>
    public MasterSession Accept(string peer, bool isLoopback, INodeSignal signal, Moment now)
    {
        var session = new MasterSession(this, peer, signal, now);
        _sessions.Add(session);
        Events.SessionOpened(peer);
        if (Settings.ProtectedMode && Settings.AcceptedPasswords.Count == 0 && !isLoopback)
        {
            session.Refuse(
                ErrorCode.ProtectedMode,
                "Protected mode: no password is set, so only peers on the same machine are accepted. Set Password on this node and its replicas, or ProtectedMode to false.",
                now);
        }
        else if (IsStopping)
        {
            session.Refuse(ErrorCode.ShuttingDown, "This node is stopping.", now);
        }

        return session;
    }

    /// <summary>A session or its connection is over.</summary>
    public void SessionClosed(MasterSession session, Moment now)
    {
        if (!_sessions.Remove(session))
        {
            return;
        }

        if (session.IsIdle)
        {
            session.IsIdle = false;
            IdleSessions--;
        }

        Events.SessionClosed(session.Peer, session.ClosedFor, session.CloseMessage);
        if (session.HasStreamed)
        {
            Events.ReplicaLeft(session.Peer, session.AckedOffset, session.ClosedFor, session.CloseMessage);
        }

        LeaveFullSyncLine(session, now);
        MinReplicas.Update(now);
        if (session.WasServed)
        {
            _backlogLife.Restart();
        }
    }

    public void LeaveFullSyncLine(MasterSession session, Moment now)
    {
        foreach (MasterSession next in FullSyncs.Leave(session, FullSyncPlaces))
        {
            next.StartFullSync(now);
        }
    }

    /// <summary>Why no sync can be served at the moment; null if one can.</summary>
    public (NotNowReason Code, string Message)? FindTransientInability()
    {
        if (IsStopping)
        {
            return (NotNowReason.Stopping, "This node is stopping.");
        }

        if (IsLoading && OfferCollector is null)
        {
            return (NotNowReason.Loading, "This node is loading its snapshot file.");
        }

        int attached = 0;
        foreach (MasterSession session in _sessions)
        {
            attached += session.TakesPlace ? 1 : 0;
        }

        if (attached >= Settings.MaxReplicas)
        {
            return (NotNowReason.TooManyReplicas, $"{attached} replicas are attached; MaxReplicas allows no more.");
        }

        if (Recovery is { } recovery)
        {
            return (NotNowReason.Recovering, recovery.Message);
        }

        if (Data.HasHistory)
        {
            return null;
        }

        return OfferCollector is null
            ? (NotNowReason.Loading, "This node has not completed its own first sync.")
            : (NotNowReason.Recovering, "This node's master recovers, and this node has nothing itself.");
    }

    /// <summary>An empty data set of the given history that starts at the given offset.</summary>
    public DataSet CreateDataSet(ReplicationHistory history, long offset, StoreSeed seed) => new(
        new CacheStore(Settings.Store, seed, _storeTime, Gate, _segments),
        history,
        new StreamLog(offset, Settings.BacklogSize, Settings.KeepsStream, _blocks));

    /// <summary>
    /// Replaces everything that is served in one step: store, history, offset and backlog. Sub-replicas are closed at the
    /// swap and decide anew, because the bytes that they have need not be those of the new history.
    /// </summary>
    public void Swap(DataSet loaded, Moment now)
    {
        DataSet old = _data;
        loaded.Log.Resize(Settings.BacklogSize);
        loaded.Store.MaxBytes = Settings.Store.MaxBytes;
        CloseSessions(
            CloseReason.DataSwapped, "This node took another data set; ask anew.", now, ErrorCode.HistoryReplaced, session => session.State != ReplicaSessionState.Recovering);

        DataSource = RecoverySource.Memory;
        Recording?.Abandon("The data set was replaced.");
        Volatile.Write(ref _data, loaded);
        old.Retire();
        SnapshotSignal?.Set();
    }

    /// <summary>The same data goes on under another id, from the present offset on.</summary>
    public void TakeHistory(ReplicationHistory history)
    {
        Data.ChangeHistory(history);
        foreach (MasterSession session in _sessions)
        {
            session.AnnounceHistory(history, Data.Offset);
        }
    }

    /// <summary>Time passed. Called at least every 100 ms; a write reads no clock and goes by the last tick.</summary>
    public void Tick(Moment now)
    {
        _lastMoment = now;
        Recovery?.Tick(now);
        for (int i = _sessions.Count - 1; i >= 0; i--)
        {
            _sessions[i].Tick(now);
        }

        Upstream?.Link?.Tick(now);
        AckWaits.Tick(now);
        MinReplicas.Update(now);
        _backlogLife.Tick(now);
    }

    /// <summary>The node goes down: every connection is closed.</summary>
    public void Stop(Moment now)
    {
        IsDraining = true;
        IsStopping = true;
        AckWaits.EndAll(AckWaitState.Stopped);
        Upstream?.Stop(CloseReason.Stopping, now);
        CloseSessions(CloseReason.Stopping, "This node is stopping.", now, ErrorCode.ShuttingDown, _ => true);
        WritesAwaited.Set();
    }

    private static int FreeBlocksFor(NodeSettings settings) =>
        (int)Math.Min((settings.BacklogSize / StreamBlockPool.DefaultBlockSize) + 16, 4096);

    private void CloseSessions(CloseReason reason, string message, Moment now, ErrorCode tell, Func<MasterSession, bool> which)
    {
        // All are sent away, so nobody's turn comes: without this, the first to leave would let the next one begin a full sync.
        FullSyncs.Dissolve();
        for (int i = _sessions.Count - 1; i >= 0; i--)
        {
            if (which(_sessions[i]))
            {
                _sessions[i].Close(reason, message, now, tell);
            }
        }
    }

    private void WakeIdleSessions()
    {
        foreach (MasterSession session in _sessions)
        {
            if (session.IsIdle)
            {
                session.IsIdle = false;
                session.Signal.Set();
            }
        }

        IdleSessions = 0;
    }

    private StoreSeed NewSeed()
    {
        Span<byte> bytes = stackalloc byte[StoreSeed.Size];
        Random.Fill(bytes);
        return new StoreSeed(bytes);
    }

    public ReplicationId NewReplicationId()
    {
        Span<byte> bytes = stackalloc byte[ReplicationId.Size];
        Random.Fill(bytes);
        return new ReplicationId(bytes);
    }
}
