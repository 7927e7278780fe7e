using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// A node without threads, sockets and logs: its role, its data set, the sessions of its replicas and the link to its
/// master. Every member is called under <see cref="Gate"/>, except <see cref="Data"/>, which may be read by anybody. The same
/// object runs in production and, by the thousand, in the simulation.
/// </summary>
internal sealed partial class NodeCore
{
    private readonly TimeProvider _storeTime;
    private readonly SegmentPool _segments;
    private readonly StreamBlockPool _blocks;
    private readonly BacklogLife _backlogLife;
    private readonly Evictor _evictor;
    private readonly List<MasterSession> _sessions = [];
    private DataSet _data;
    private Moment _lastMoment;

    public NodeCore(NodeSettings settings, RunId runId, INodeRandom random, INodeEvents events, TimeProvider storeTime, Lock gate, SegmentPool? segments = null)
    {
        Settings = settings;
        RunId = runId;
        Random = random;
        Events = events;
        Gate = gate;
        _storeTime = storeTime;
        _segments = segments ?? new SegmentPool();
        _blocks = new StreamBlockPool(StreamBlockPool.DefaultBlockSize, FreeBlocksFor(settings));
        AckWaits = new AckWaits(this);
        PositionWaits = new PositionWaits(this);
        MinReplicas = new MinReplicas(this);
        Forwarder = new WriteForwarder(this);
        Uplink = new Uplink(this);
        Requests = new WriteRequests(this);
        Touches = new TouchSender(this);
        TouchRequests = new TouchRequests(this);
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

    /// <summary>Who is told what happens. Replaced only by tests that listen in, before the node starts.</summary>
    public INodeEvents Events { get; set; }

    public NodeCounters Counters { get; } = new();

    public FullSyncLine FullSyncs { get; } = new();

    /// <summary>The callers that wait for acknowledgements.</summary>
    public AckWaits AckWaits { get; }

    /// <summary>The callers that wait until this node has a position.</summary>
    public PositionWaits PositionWaits { get; }

    /// <summary>Whether enough replicas follow for writes to be accepted.</summary>
    public MinReplicas MinReplicas { get; }

    /// <summary>What callers on this replica write on its master.</summary>
    public WriteForwarder Forwarder { get; }

    /// <summary>What waits to be sent up.</summary>
    public Uplink Uplink { get; }

    /// <summary>What processes below write.</summary>
    public WriteRequests Requests { get; }

    /// <summary>What was read on this replica and its master is to know.</summary>
    public TouchSender Touches { get; }

    /// <summary>What was read below.</summary>
    public TouchRequests TouchRequests { get; }

    /// <summary>Recycled memory of the stream.</summary>
    public StreamBlockPool StreamBlocks => _blocks;

    /// <summary>Whether the node is about to stop and takes no more writes, so that its end stands still while replicas catch up.</summary>
    public bool IsDraining { get; private set; }

    public ReplicationRole Role
    {
        get;
        private set
        {
            field = value;
            Data.Store.DeadlinesAreForeign = value == ReplicationRole.Replica;
        }
    }

    = ReplicationRole.Replica;

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

    /// <summary>Who was last refused in a handshake here, by either end, and why; null if nobody was.</summary>
    public string? LastHandshakeRefusal { get; set; }

    /// <summary>The recovery of this master; null when there is none, or it is over.</summary>
    public MasterRecovery? Recovery { get; private set; }

    /// <summary>What this node's replicas have offered to a recovering master.</summary>
    public RecoveryOffers Offers { get; } = new();

    /// <summary>Who waits for such offers; null if nobody does.</summary>
    public IOfferCollector? OfferCollector => IsStopping ? null : Recovery is not null ? Recovery : Upstream?.Link?.Offering;

    /// <summary>Set when writes are accepted, or are known not to be for long.</summary>
    public INodeSignal WritesAwaited { get; init; } = NoSignal.Instance;

    /// <summary>Since when this node accepts connections, in milliseconds of the monotonic clock; -1 while it does not.</summary>
    public long ListeningSince { get; private set; } = -1;

    /// <summary>Where the data came from that is served.</summary>
    public RecoverySource DataSource { get; private set; } = RecoverySource.Memory;

    /// <summary>Whether this node is a master that has its data: neither loading nor recovering. It changes the data by itself, too, when entries expire.</summary>
    public bool IsSettledMaster => Role == ReplicationRole.Master && !IsLoading && Recovery is null;

    /// <summary>Whether a caller's write would be accepted now; <see cref="EnsureWritable"/> says why not.</summary>
    public bool AcceptsWrites => IsSettledMaster && !IsDraining && MinReplicas.IsMet;

    public bool IsLinkUp => Upstream?.State == ReplicationLinkState.Streaming;

    /// <summary>Whether the node serves complete data: it is a master, or the data set has a place in a history.</summary>
    public bool IsReady => !IsLoading && (Role == ReplicationRole.Master || Data.HasHistory);

    /// <summary>Where callers wait for <see cref="IsReady"/>.</summary>
    public ReadySignal Ready { get; } = new();

    /// <summary>As of when this node has everything that its master had. Readable without the gate.</summary>
    public StalenessClock Staleness { get; } = new();

    /// <summary>The nodes above this one, as far as they are known; kept while links are down.</summary>
    public IReadOnlyList<RunId> KnownUpstreamRunIds => Upstream?.UpstreamRunIds ?? [];

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

    /// <summary>An empty data set of the given history that starts at the given offset.</summary>
    public DataSet CreateDataSet(ReplicationHistory history, long offset, StoreSeed seed) => new(
        new CacheStore(Settings.Store, seed, _storeTime, Gate, _segments) { DeadlinesAreForeign = Role == ReplicationRole.Replica },
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
        bool goesOn = loaded.History.Contains(old.History.Id, old.Offset);
        Touches.Swapping(goesOn);
        TouchRequests.Swapping(goesOn);
        Counters.TouchesDropped += old.Store.TouchesDropped;
        loaded.ChangeFeed = old.ChangeFeed;
        old.ChangeFeed = null;
        Volatile.Write(ref _data, loaded);
        loaded.ChangeFeed?.DataReplaced();
        Staleness.Replace();
        Ready.Update(IsReady);
        AckWaits.MoveAllTo(loaded.Offset);
        old.Retire();
        SnapshotSignal?.Set();
        Forwarder.HistoryChanged();
        PositionWaits.LineChanged();
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
        PositionWaits.Tick(now);
        Forwarder.Tick(now);
        Touches.Tick(now);
        MinReplicas.Update(now);
        _backlogLife.Tick(now);
    }

    /// <summary>The node goes down: every connection is closed.</summary>
    public void Stop(Moment now)
    {
        IsDraining = true;
        IsStopping = true;
        AckWaits.EndAll(AckWaitState.Stopped);
        PositionWaits.Stop();
        Ready.Stop();
        Upstream?.Stop(CloseReason.Stopping, now);
        Forwarder.Stop();
        CloseSessions(CloseReason.Stopping, "This node is stopping.", now, ErrorCode.ShuttingDown, _ => true);
        WritesAwaited.Set();
    }

    public ReplicationId NewReplicationId()
    {
        Span<byte> bytes = stackalloc byte[ReplicationId.Size];
        Random.Fill(bytes);
        return new ReplicationId(bytes);
    }

    private static int FreeBlocksFor(NodeSettings settings) =>
        (int)Math.Min((settings.BacklogSize / StreamBlockPool.DefaultBlockSize) + 16, 4096);

    private StoreSeed NewSeed()
    {
        Span<byte> bytes = stackalloc byte[StoreSeed.Size];
        Random.Fill(bytes);
        return new StoreSeed(bytes);
    }
}
