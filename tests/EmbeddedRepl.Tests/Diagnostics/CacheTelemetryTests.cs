using System.Diagnostics;
using System.Diagnostics.Metrics;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Hosting;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Tests.Contract;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Tests.Diagnostics;

/// <summary>What services see that collect with the OpenTelemetry SDK.</summary>
public sealed class CacheTelemetryTests : IDisposable
{
    private readonly string _name = $"cache {Guid.NewGuid()}";
    private readonly DictionaryNodeFactory _nodes = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CollectedTelemetry _collected;

    public CacheTelemetryTests() => _collected = new CollectedTelemetry(_name);

    public void Dispose() => _collected.Dispose();

    [Theory]
    [Trait("Behaviour", "L1")]
    [InlineData(true)]
    [InlineData(false)]
    public void Replica_ReadThroughOpenTelemetry_TellsItsLinkLagAndSyncs(bool hasMeterFactory)
    {
        using ServiceProvider provider = Build(
            hasMeterFactory,
            o => o.Master = "10.0.0.5:6390",
            info => info with
            {
                IsReady = true,
                EntryCount = 7,
                StoreBytes = 1_000,
                StreamBytes = 2_000,
                ReplicationOffset = 42,
                LagBytes = 5,
                Staleness = TimeSpan.FromMilliseconds(1_500),
                LinkState = ReplicationLinkState.Streaming,
                LinkFailures = 3,
                Reconnects = 2,
                FullSyncsCompleted = 1,
                PartialResyncsCompleted = 4,
                FullSyncsFailed = 6,
                WritesRefused = 9,
                DigestMismatches = 8,
            });

        IReadOnlyList<string> points = _collected.Collect();

        string[] expected =
        [
            "dotnet.cache.entries {entry} = 7",
            "dotnet.cache.estimated_size By = 1000",
            "embeddedrepl.stream.memory By = 2000",
            "embeddedrepl.node.role{embeddedrepl.role=master} 1 = 0",
            "embeddedrepl.node.role{embeddedrepl.role=replica} 1 = 1",
            "embeddedrepl.node.ready 1 = 1",
            "embeddedrepl.node.accepts_writes 1 = 0",
            "embeddedrepl.stream.offset By = 42",
            "embeddedrepl.replication.lag By = 5",
            "embeddedrepl.replication.staleness s = 1.5",
            "embeddedrepl.link.state{embeddedrepl.link.state=streaming} 1 = 1",
            "embeddedrepl.link.state{embeddedrepl.link.state=disconnected} 1 = 0",
            "embeddedrepl.link.failures {failure} = 3",
            "embeddedrepl.link.reconnects {reconnect} = 2",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=received, embeddedrepl.sync.kind=full, embeddedrepl.sync.outcome=completed} {sync} = 1",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=received, embeddedrepl.sync.kind=full, embeddedrepl.sync.outcome=failed} {sync} = 6",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=received, embeddedrepl.sync.kind=partial, embeddedrepl.sync.outcome=completed} {sync} = 4",
            "embeddedrepl.writes.refused {write} = 9",
            "embeddedrepl.digest.mismatches {mismatch} = 8",
        ];
        Assert.Empty(expected.Except(points));
        Assert.Equal(7, points.Count(point => point.StartsWith("embeddedrepl.link.state", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Behaviour", "L1")]
    public void Master_ReadThroughOpenTelemetry_TellsItsReplicasAndNothingOfALink()
    {
        using ServiceProvider provider = Build(
            hasMeterFactory: true,
            o => o.Role = ReplicationRole.Master,
            info => info with
            {
                SyncFull = 3,
                SyncPartialOk = 2,
                SyncPartialErr = 1,
                NotNowAnswers = 4,
                FullSyncsRefusedByReplica = 5,
                OutputLimitDisconnects = 6,
                Replicas = [Replica(ReplicaSessionState.Streaming, lag: 10), Replica(ReplicaSessionState.Streaming, lag: 30), Replica(ReplicaSessionState.SendingSnapshot, lag: 99)],
            });

        IReadOnlyList<string> points = _collected.Collect();

        string[] expected =
        [
            "embeddedrepl.replicas.attached {replica} = 2",
            "embeddedrepl.replicas.max_lag By = 30",
            "embeddedrepl.replicas.overruns {disconnect} = 6",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=sent, embeddedrepl.sync.kind=full, embeddedrepl.sync.outcome=started} {sync} = 3",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=sent, embeddedrepl.sync.kind=partial, embeddedrepl.sync.outcome=started} {sync} = 2",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=sent, embeddedrepl.sync.kind=partial, embeddedrepl.sync.outcome=refused} {sync} = 1",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=sent, embeddedrepl.sync.kind=any, embeddedrepl.sync.outcome=put_off} {sync} = 4",
            "embeddedrepl.syncs{embeddedrepl.sync.direction=sent, embeddedrepl.sync.kind=full, embeddedrepl.sync.outcome=refused} {sync} = 5",
        ];
        Assert.Empty(expected.Except(points));
        string[] ofAReplica = ["embeddedrepl.link.state", "embeddedrepl.replication.lag", "embeddedrepl.replication.staleness"];
        Assert.DoesNotContain(points, point => ofAReplica.Any(name => point.StartsWith(name, StringComparison.Ordinal)));
    }

    [Theory]
    [Trait("Behaviour", "L2")]
    [InlineData(true)]
    [InlineData(false)]
    public void Caches_OfOneProcess_AreToldApartByTheirNamesAndEachGoesByItself(bool hasFactory)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        IMeterFactory? factory = hasFactory ? services.GetRequiredService<IMeterFactory>() : null;
        using var ofOther = new CollectedTelemetry(_name + " 2");
        using var first = new CacheTelemetry(factory, _name, _time);
        var second = new CacheTelemetry(factory, _name + " 2", _time);
        first.Observe(() => Info() with { EntryCount = 1 });
        second.Observe(() => Info() with { EntryCount = 2 });
        Assert.Contains("dotnet.cache.entries {entry} = 1", _collected.Collect());
        Assert.Contains("dotnet.cache.entries {entry} = 2", ofOther.Collect());

        second.Dispose();

        Assert.Contains("dotnet.cache.entries {entry} = 1", _collected.Collect());
        using var afterwards = new CollectedTelemetry(_name + " 2");
        Assert.Empty(afterwards.Collect());
    }

    [Fact]
    [Trait("Behaviour", "L2")]
    public void Cache_DisposedOf_UnregistersItsInstruments()
    {
        HashSet<string> registered = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Tags?.Contains(new(CacheTelemetry.CacheNameTag, _name)) == true)
                {
                    registered.Add(instrument.Name);
                    listener.EnableMeasurementEvents(instrument);
                }
            },
            MeasurementsCompleted = (instrument, _) => registered.Remove(instrument.Name),
        };
        listener.Start();
        ServiceProvider provider = Build(hasMeterFactory: false, _ => { }, info => info);
        Assert.Contains("dotnet.cache.entries", registered);
        Assert.NotEmpty(_collected.Collect());

        provider.Dispose();

        Assert.Empty(registered);
        using var afterwards = new CollectedTelemetry(_name);
        Assert.Empty(afterwards.Collect());
    }

    [Fact]
    [Trait("Behaviour", "L3")]
    public void Syncs_OfANode_AreMeasuredAndTracedWithTheirTimes()
    {
        using var telemetry = new CacheTelemetry(factory: null, _name, _time);
        var queue = new EventQueue("telemetry", SyncObserver.Capacity, Overflow.DropNewest, _ => { }, _ => { });
        var log = new NodeLog(NullLogger.Instance, _time, notices: null, new SyncObserver(telemetry, queue, _time));
        log.FullSyncReceiving("10.0.0.5:6390", ReplicationId.None, 0, 10);
        _time.Advance(TimeSpan.FromSeconds(3));
        log.FullSyncDiscarded("10.0.0.5:6390", "cut");
        DateTimeOffset discarded = _time.GetUtcNow();
        log.FullSyncReceived("10.0.0.5:6390", ReplicationId.None, 50, entries: 10, bytes: 500, milliseconds: 2_000);
        log.FullSyncSent("10.0.0.6:50001", entries: 10, bytes: 500, endOffset: 60, milliseconds: 250);
        log.PartialResyncStarted("10.0.0.5:6390", ReplicationId.None, 60);
        log.SyncDecided("10.0.0.7:50001", new SyncVerdict(SyncAnswer.Continue, SyncReason.InBacklog), ReplicationId.None, 60);
        Assert.True(queue.End(TimeSpan.FromSeconds(60)));

        Assert.Equal(
            [
                "embeddedrepl.sync.duration{embeddedrepl.sync.direction=received, embeddedrepl.sync.outcome=completed} s = 1; 2",
                "embeddedrepl.sync.duration{embeddedrepl.sync.direction=received, embeddedrepl.sync.outcome=failed} s = 1; 3",
                "embeddedrepl.sync.duration{embeddedrepl.sync.direction=sent, embeddedrepl.sync.outcome=completed} s = 1; 0.25",
            ],
            _collected.Collect().Order());
        Assert.Equal(
            ["EmbeddedRepl.FullSync", "EmbeddedRepl.FullSync", "EmbeddedRepl.FullSync", "EmbeddedRepl.PartialResync", "EmbeddedRepl.PartialResync"],
            _collected.Activities.Select(a => a.OperationName));
        Activity failed = _collected.Activities[0];
        Assert.Equal((ActivityStatusCode.Error, "cut", TimeSpan.FromSeconds(3)), (failed.Status, failed.StatusDescription, failed.Duration));
        Assert.Equal((discarded - TimeSpan.FromSeconds(3)).UtcDateTime, failed.StartTimeUtc);
        Activity received = _collected.Activities[1];
        Assert.Equal((10L, 500L, "10.0.0.5:6390"), (received.GetTagItem("embeddedrepl.sync.entries"), received.GetTagItem("embeddedrepl.sync.bytes"), received.GetTagItem("network.peer.address")));
        Assert.All(_collected.Activities, a => Assert.Equal(default, a.ParentSpanId));
    }

    [Fact]
    [Trait("Behaviour", "L4")]
    public void ForwardedWrites_AreCountedByOutcomeTimedAndTracedBelowTheirCaller()
    {
        using var telemetry = new CacheTelemetry(factory: null, _name, _time);
        using Activity caller = new Activity("request").Start();
        ObservedWrite write = telemetry.BeginForwardedWrite();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        write.End(ForwardedWriteOutcome.Applied);
        telemetry.BeginForwardedWrite().End(ForwardedWriteOutcome.Unknown);
        telemetry.StaleReadRefused();

        IReadOnlyList<string> points = _collected.Collect();

        Assert.Contains("embeddedrepl.forwarded_writes{embeddedrepl.write.outcome=applied} {write} = 1", points);
        Assert.Contains("embeddedrepl.forwarded_writes{embeddedrepl.write.outcome=unknown} {write} = 1", points);
        Assert.Contains("embeddedrepl.forwarded_write.duration{embeddedrepl.write.outcome=applied} s = 1; 0.5", points);
        Assert.Contains("embeddedrepl.stale_reads.refused {read} = 1", points);
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error], _collected.Activities.Select(a => a.Status));
        Assert.All(_collected.Activities, a => Assert.Equal(caller.SpanId, a.ParentSpanId));
        Assert.Same(caller, Activity.Current);
    }

    [Fact]
    [Trait("Behaviour", "L1")]
    public void Counts_Attached_HaveTheNamesOfDotNetsOwnCaches()
    {
        using var telemetry = new CacheTelemetry(factory: null, _name, _time);
        telemetry.ObserveCounts(() => new CacheCounts(Hits: 5, Misses: 3, Evictions: 2, Expirations: 1));

        Assert.Equal(
            [
                "dotnet.cache.evictions {eviction} = 2",
                "dotnet.cache.requests{dotnet.cache.request.result=hit} {request} = 5",
                "dotnet.cache.requests{dotnet.cache.request.result=miss} {request} = 3",
                "embeddedrepl.expirations {entry} = 1",
            ],
            _collected.Collect().Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "L5")]
    public void Cache_NothingElseRegistered_IsResolvedAndWorks()
    {
        var services = new ServiceCollection();
        services.AddReplicatedCache();
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.True(provider.GetRequiredService<IReplicatedCache>().WaitUntilReady(TimeSpan.Zero));
    }

    private static ReplicaInfo Replica(ReplicaSessionState state, long lag) => new("10.0.0.6:50001", state, AckedOffset: 0, lag, LastAckAge: TimeSpan.Zero, RunId: new string('0', 40));

    private ReplicationInfo Info() => new DictionaryNode(new ReplicatedCacheOptions(), _time).Info;

    private ServiceProvider Build(bool hasMeterFactory, Action<ReplicatedCacheOptions> configure, Func<ReplicationInfo, ReplicationInfo> change)
    {
        _nodes.Prepare = node => node.Info = change(node.Info);
        var services = new ServiceCollection();
        if (hasMeterFactory)
        {
            services.AddMetrics();
        }

        services.AddSingleton<INodeFactory>(_nodes);
        services.AddReplicatedCache(o =>
        {
            o.CacheName = _name;
            configure(o);
        });
        ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IReplicatedCache>();
        return provider;
    }
}
