using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.Transport;
using EmbeddedRepl.Transport.Tls;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication;

/// <summary>
/// A node as the facade sees it: reads go straight to the store, writes go through the gate into the core, and the runtime
/// carries the stream. Thread-safe.
/// </summary>
internal sealed partial class ReplicatedNode : ICacheNode
{
    /// <summary>How long the end of a node waits for its last log messages to be written, and for its last syncs to be reported.</summary>
    private static readonly TimeSpan LogGrace = TimeSpan.FromSeconds(2);

    private const string NoAcknowledgement = "no replica can acknowledge anything";

    private readonly TimeProvider _time;
    private readonly QueuedLogger _logger;
    private readonly ReadCounters _reads = new();
    private readonly NodeTopology _topology;
    private readonly NodeCore _core;
    private readonly NodeRuntime _runtime;
    private readonly EventDispatcher _events;
    private readonly EventQueue? _telemetryQueue;
    private readonly SnapshotLoop? _snapshots;
    private readonly WriteBarrier _writes;
    private readonly CallersWrites _callersWrites;
    private readonly bool _recovers;
    private TlsSettings _tls;
    private bool _isStarted;

    public ReplicatedNode(ReplicatedCacheOptions options, TimeProvider time, ILoggerFactory loggers, CacheTelemetry? telemetry = null)
        : this(options, time, loggers, new TcpConnector(), telemetry: telemetry)
    {
    }

    public ReplicatedNode(
        ReplicatedCacheOptions options,
        TimeProvider time,
        ILoggerFactory loggers,
        IConnector connector,
        Func<SnapshotSettings, ISnapshotDisk>? diskOf = null,
        CacheTelemetry? telemetry = null)
    {
        _time = time;
        _logger = new QueuedLogger(loggers.CreateLogger(Log.Category(options.CacheName)));
        _topology = NodeTopology.Of(options);
        _tls = options.Tls.ToTlsSettings();
        SnapshotSettings? snapshots = SnapshotSettings.Of(options);
        NodeSettings settings = options.ToSettings(keepsStream: !_topology.IsStandAlone || snapshots is not null);
        if (_topology.IsStandAlone && snapshots is not null)
        {
            // Nobody asks for its stream but a save, which keeps what it needs by itself.
            settings = settings with { BacklogSize = 0 };
        }

        _events = new EventDispatcher(_logger);
        SyncObserver? syncs = null;
        if (telemetry is not null)
        {
            _telemetryQueue = new EventQueue("telemetry", SyncObserver.Capacity, Overflow.DropNewest, static _ => { }, exception => _logger.BackgroundWorkFailed(exception, "telemetry"));
            syncs = new SyncObserver(telemetry, _telemetryQueue, time);
        }

        var log = new NodeLog(_logger, time, new ReplicationNotices(_events, time, _topology.Role), syncs);
        _recovers = _topology.Role == ReplicationRole.Master && !_topology.IsStandAlone && settings.RecoveryWindow > 0;
        _writes = new WriteBarrier(isOpen: !_recovers);
        _core = new NodeCore(settings, Protocol.RunId.NewId(), SystemNodeRandom.Instance, log, time, new Lock())
        {
            WritesAwaited = _writes,
        };
        _runtime = new NodeRuntime(_core, connector, time, _logger);
        _callersWrites = new CallersWrites(_runtime, telemetry);
        if (snapshots is not null)
        {
            ISnapshotDisk disk = diskOf?.Invoke(snapshots) ?? new DirectoryDisk(snapshots.Directory);
            _snapshots = new SnapshotLoop(_core, snapshots, disk, time, _logger);
        }

        lock (_core.Gate)
        {
            if (_snapshots is not null)
            {
                _core.BeginLoading(_topology.Role);
            }

            if (_topology.Role == ReplicationRole.Replica)
            {
                _runtime.Follow(_topology.Master!, isOrdered: false);
            }
            else if (_snapshots is null)
            {
                BeginAsMaster();
            }
        }
    }

    public ReplicationRole Role => _core.Role;

    public bool IsReady => _core.IsReady;

    public Task Ready => _core.Ready.Task;

    public TimeSpan? Staleness => _core.Staleness.At(Moment.MillisecondsOf(_time));

    public bool IsFresherThan(TimeSpan maxStaleness) => _core.Staleness.IsWithin((long)maxStaleness.TotalMilliseconds, Moment.MillisecondsOf(_time));

    /// <summary>The core, for tests.</summary>
    internal NodeCore Core => _core;

    /// <summary>What carries the core's bytes, for tests.</summary>
    internal NodeRuntime Runtime => _runtime;

    public void Start()
    {
        _logger.NodeStarting(
            _core.RunId.ToString(), _core.Settings.CacheName, Role, _topology.Master ?? "none", string.Join(", ", _topology.Listen));
        try
        {
            if (_tls != TlsSettings.Off)
            {
                _runtime.ChangeTls(new TlsTransport(_tls, _time));
            }

            _snapshots?.Open();
            _runtime.Listen(_topology.Listen);
            lock (_core.Gate)
            {
                if (_topology.Listen.Count > 0)
                {
                    _core.BeginListening(_runtime.Now());
                }
            }

            _runtime.Start();

            // Before the own file is loaded: a master that recovers learns that this node will have something for it, and waits.
            _runtime.StartLinks();
            _snapshots?.Start(BeginAfterLoading);
            _snapshots?.WaitUntilLoaded();
        }
        catch
        {
            Dispose();
            throw;
        }

        lock (_core.Gate)
        {
            _isStarted = true;
            _logger.NodeStarted(_core.Data.History.Id, _core.Data.Offset);
        }

        _runtime.StartLinks();
    }

    public void Stop(TimeSpan timeout)
    {
        lock (_core.Gate)
        {
            _core.Drain();
        }

        // Recorded while the replicas get the rest of the stream, and ended when no replica can get more: so it never ends before what a replica has.
        long start = TimeProvider.System.GetTimestamp();
        _snapshots?.BeginLastSave();
        if (!_runtime.WaitForReplicas(timeout))
        {
            _logger.StopTimedOut();
        }

        lock (_core.Gate)
        {
            LogWhoHasEverything();
        }

        _runtime.Dispose();
        _snapshots?.FinishLastSave(timeout, TimeProvider.System.GetElapsedTime(start));
        _snapshots?.Dispose();
        _logger.Flush(LogGrace);
    }

    public void ReplicateFrom(string master)
    {
        LinkLoop loop;
        bool start;
        lock (_core.Gate)
        {
            // Nobody would end a link that is begun now.
            ThrowIfStopping();
            loop = _runtime.Follow(master, isOrdered: true);
            start = _isStarted;
        }

        if (start)
        {
            loop.Start();
        }
    }

    public void Promote(PromotionOptions options)
    {
        lock (_core.Gate)
        {
            ThrowIfStopping();
            _core.Promote(options, _runtime.Now());
        }
    }

    public void Reconfigure(ReplicatedCacheOptions previous, ReplicatedCacheOptions next)
    {
        NodeTopology before = NodeTopology.Of(previous);
        NodeTopology after = NodeTopology.Of(next);
        NodeSettings settings = next.ToSettings(keepsStream: !after.IsStandAlone || _core.Settings.KeepsStream).KeepWhatIsAgreed(_core.Settings);
        TlsSettings tls = next.Tls.ToTlsSettings();
        TlsTransport? transport = tls == _tls ? null : new TlsTransport(tls, _time);
        bool changesListeners = !previous.Listen.SequenceEqual(next.Listen, StringComparer.OrdinalIgnoreCase);
        ListenerChange? listeners = changesListeners ? _runtime.ChangeListeners(after.Listen) : null;
        LinkLoop? loop = null;
        try
        {
            lock (_core.Gate)
            {
                ThrowIfStopping();
                bool changesRole = before.Role != after.Role || !before.HasMaster(after.Master);
                if (changesRole && after.Role == ReplicationRole.Master)
                {
                    _core.Promote(new PromotionOptions(), _runtime.Now());
                }

                _core.ChangeSettings(settings, _runtime.Now());
                if (transport is not null)
                {
                    _tls = tls;
                    _runtime.ChangeTls(transport);
                }

                if (changesRole && after.Role == ReplicationRole.Replica && !FollowsAlready(after.Master!))
                {
                    loop = _runtime.Follow(after.Master!, isOrdered: true);
                }
            }
        }
        catch
        {
            listeners?.Undo();
            throw;
        }

        listeners?.Finish();
        loop?.Start();
    }

    public int WaitForReplicas(int count, TimeSpan timeout, CancellationToken cancellationToken)
    {
        EnsureStarted(NoAcknowledgement);
        return new AckTask(_runtime, count, timeout, cancellationToken).Wait();
    }

    public Task<int> WaitForReplicasAsync(int count, TimeSpan timeout, CancellationToken cancellationToken)
    {
        EnsureStarted(NoAcknowledgement);
        return new AckTask(_runtime, count, timeout, cancellationToken).WaitAsync();
    }

    public void OverrideFullSyncRefusals()
    {
        lock (_core.Gate)
        {
            _core.OverrideRefusals();
        }

        _logger.RefusalsOverridden();
    }

    public Task SaveSnapshot() => _snapshots is { } snapshots
        ? snapshots.SaveAsync()
        : throw new ReplicatedCacheException("Nothing can be saved, because SnapshotDirectory is not set.");

    public CacheStatistics GetStatistics()
    {
        DataSet data = _core.Data;
        (long hits, long misses) = _reads.Sum();
        long limit = data.Store.MaxBytes;
        return new CacheStatistics
        {
            Count = data.Store.Count,
            UsedBytes = data.Store.UsedBytes,
            MemoryLimit = limit == long.MaxValue ? null : limit,
            StreamBytes = data.Log.RetainedBytes,
            Hits = hits,
            Misses = misses,
            Evictions = Volatile.Read(ref _core.Counters.Evictions),
            Expirations = Volatile.Read(ref _core.Counters.Expirations),
        };
    }

    public ReplicationInfo GetReplicationInfo()
    {
        ReplicationInfoBuilder info;
        IReadOnlyList<string> listenEndPoints;
        SnapshotInfo? snapshot;
        Moment now = _runtime.Now();
        lock (_core.Gate)
        {
            info = new ReplicationInfoBuilder(_core, now);
            listenEndPoints = _runtime.ListenEndPoints;
            snapshot = _snapshots?.Describe();
        }

        return info.Build(listenEndPoints) with { Snapshot = snapshot, CertificateNotAfter = _runtime.Tls.Certificate?.NotAfter };
    }

    public void DeliverEvents(Action<ReplicationEventArgs> deliver) => _events.Start(deliver);

    /// <summary>Waits until what has been logged is written, for tests.</summary>
    internal bool FlushLog(TimeSpan timeout) => _logger.Flush(timeout);

    public void Dispose()
    {
        _runtime.Dispose();
        lock (_core.Gate)
        {
            _core.EndSubscriptions();
        }

        _snapshots?.Dispose();
        _telemetryQueue?.End(LogGrace);
        _events.Dispose();
        _logger.End(LogGrace);
    }

    private void LogWhoHasEverything()
    {
        long end = _core.Data.Offset;
        int attached = 0;
        int inSync = 0;
        foreach (MasterSession session in _core.Sessions)
        {
            if (!session.IsAttached)
            {
                continue;
            }

            attached++;
            if (session.IsSynced && session.AckedOffset >= end)
            {
                inSync++;
                _logger.ReplicaHadEverything(session.Peer);
            }
            else
            {
                _logger.ReplicaLacked(session.Peer, end - session.AckedOffset, session.AckedOffset, session.State);
            }
        }

        _logger.NodeStopped(end, inSync, attached);
    }

    private void EnsureStarted(string consequence)
    {
        if (!Volatile.Read(ref _isStarted))
        {
            throw new ReplicatedCacheException($"The cache has not been started yet, so {consequence}.");
        }
    }

    /// <summary>What the file held is in the core: a master begins with it. A replica's link was started before. Under the gate.</summary>
    private void BeginAfterLoading()
    {
        if (_core.Role == ReplicationRole.Master)
        {
            BeginAsMaster();
        }
    }

    private void BeginAsMaster()
    {
        if (_recovers)
        {
            _core.BeginAsRecoveringMaster(_runtime.Now());
        }
        else
        {
            _core.BeginAsMaster();
        }
    }

    private bool FollowsAlready(string master) => HostEndPoint.AreSame(_core.Upstream?.Target, master);

    private void ThrowIfStopping()
    {
        if (_core.IsStopping)
        {
            throw new NodeStoppedException("This node was stopped, so its role cannot be changed any more.");
        }
    }
}
