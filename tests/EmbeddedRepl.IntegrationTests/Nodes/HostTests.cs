using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Whole applications, as a service is written: a host, its configuration, and the interfaces of Microsoft.</summary>
public class HostTests
{
    private const int StandAlone = 1010;

    [Fact]
    public async Task TwoHosts_ConfiguredByAppSettings_WhatOneWritesTheOtherReads()
    {
        using IHost master = await StartAsync(("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("Password", "s3cret"));
        using IHost replica = await StartAsync(("Role", "Replica"), ("Master", EndPointOf(master)), ("Password", "s3cret"));
        var writing = master.Services.GetRequiredService<IDistributedCache>();
        var reading = replica.Services.GetRequiredService<IDistributedCache>();

        await writing.SetStringAsync("greeting", "hello", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(5) });

        TestNode.Wait(() => reading.GetString("greeting") == "hello", () => "the write is visible on the replica");
        Assert.Throws<ReadOnlyReplicaException>(() => reading.SetString("k", "v"));
        await writing.RemoveAsync("greeting");
        TestNode.Wait(() => reading.GetString("greeting") is null, () => "the removal is visible on the replica");
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(replica)).Status);
        await replica.StopAsync();
        await master.StopAsync();
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task Master_SetWithoutARole_MakesAReplica()
    {
        using IHost master = await StartAsync(("Role", "Master"), ("Listen:0", "127.0.0.1:0"));
        using IHost replica = await StartAsync(("Master", EndPointOf(master)));
        var cache = replica.Services.GetRequiredService<IReplicatedCache>();

        Assert.Equal(ReplicationRole.Replica, cache.Role);
        TestNode.Wait(() => cache.GetReplicationInfo().LinkState == ReplicationLinkState.Streaming, () => "the link streams");
        Assert.Empty(cache.GetReplicationInfo().ListenEndPoints);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task NeitherRoleNorMaster_MakesAStandAloneMasterThatDoesNotListenAndWarns()
    {
        var log = new TraceLog();
        using IHost host = await StartAsync(log);
        var cache = host.Services.GetRequiredService<IReplicatedCache>();
        cache.Set("k", [1], new DistributedCacheEntryOptions());

        ReplicationInfo info = cache.GetReplicationInfo();
        Assert.Equal((ReplicationRole.Master, true, 1), (info.Role, info.IsReady, info.EntryCount));
        Assert.Empty(info.ListenEndPoints);
        Assert.False(info.BacklogActive);
        Assert.Equal(1, log.CountOf(StandAlone));
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task ExpectedReplicas_NotReached_DegradesHealthAndNamesWhoIsThere()
    {
        using IHost master = await StartAsync(("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("ExpectedReplicas", "2"));
        HealthReportEntry none = await HealthAsync(master);
        Assert.Equal(HealthStatus.Degraded, none.Status);
        Assert.Equal("0 of 2 expected replicas are attached: none.", none.Description);

        using IHost first = await StartAsync(("Master", EndPointOf(master)));
        var cache = master.Services.GetRequiredService<IReplicatedCache>();
        TestNode.Wait(() => cache.GetReplicationInfo().Replicas is [{ State: ReplicaSessionState.Streaming }], () => "the first one streams");
        HealthReportEntry one = await HealthAsync(master);
        Assert.Equal(HealthStatus.Degraded, one.Status);
        Assert.Equal($"1 of 2 expected replicas are attached: {cache.GetReplicationInfo().Replicas[0].Address}.", one.Description);

        using IHost second = await StartAsync(("Master", EndPointOf(master)));
        TestNode.Wait(() => cache.GetReplicationInfo().Replicas.Count(replica => replica.State == ReplicaSessionState.Streaming) == 2, () => "both stream");
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(master)).Status);
    }

    [Fact]
    [Trait("Behaviour", "L4")]
    public async Task Cluster_WithMetricsAndTraces_TellsWhatIsTrueAndNoKeyValueOrPassword()
    {
        const string Secret = "s3cret-of-this-test";
        const string CacheName = "observed";
        List<string> lines = [];
        List<Activity> activities = [];
        using MeterProvider meters = Sdk.CreateMeterProviderBuilder().AddMeter("EmbeddedRepl").AddReader(new BaseExportingMetricReader(new LineExporter(lines))).Build();
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddSource("EmbeddedRepl").AddProcessor(new ActivityCollector(activities)).Build();
        (string, string)[] common = [("CacheName", CacheName), ("Password", Secret), ("HeartbeatInterval", "00:00:00.200"), ("AckInterval", "00:00:00.100")];
        using IHost master = await StartAsync([("Role", "Master"), ("Listen:0", "127.0.0.1:0"), .. common]);
        var writing = master.Services.GetRequiredService<IReplicatedCache>();
        writing.SetString(Secret + " key", Secret + " value");
        using IHost replica = await StartAsync([("Master", EndPointOf(master)), ("ReadyTimeout", "00:01:00"), ("RequireReadyAtStart", "true"), .. common]);
        var reading = replica.Services.GetRequiredService<IReplicatedCache>();

        // The start has waited for the first sync.
        Assert.Equal((true, Secret + " value"), (reading.IsReady, reading.GetString(Secret + " key")));
        writing.SetString("another", "value");
        TestNode.Wait(() => reading.GetString("another") is not null && reading.IsFresherThan(TimeSpan.FromSeconds(60)), () => $"the replica is current: {reading.Staleness}");
        Assert.Null(writing.Staleness);

        TestNode.Wait(
            () =>
            {
                lock (activities)
                {
                    return activities.Count(a => (string?)a.GetTagItem("dotnet.cache.name") == CacheName && a.OperationName == "EmbeddedRepl.FullSync") == 2;
                }
            },
            () => "both ends of the full sync are traced");
        meters.ForceFlush();
        string[] ofThisCache = [.. lines.Where(line => line.Contains("dotnet.cache.name=" + CacheName, StringComparison.Ordinal))];
        Assert.Contains(ofThisCache, line => line.StartsWith("embeddedrepl.link.state ", StringComparison.Ordinal) && line.Contains("=streaming", StringComparison.Ordinal));
        Assert.Contains(ofThisCache, line => line.StartsWith("embeddedrepl.replication.staleness ", StringComparison.Ordinal));
        Assert.Contains(ofThisCache, line => line.StartsWith("embeddedrepl.sync.duration ", StringComparison.Ordinal) && line.Contains("=received", StringComparison.Ordinal));
        Assert.Contains(ofThisCache, line => line.StartsWith("embeddedrepl.sync.duration ", StringComparison.Ordinal) && line.Contains("=sent", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(Secret, StringComparison.Ordinal));
        lock (activities)
        {
            Assert.DoesNotContain(
                activities.SelectMany(a => a.TagObjects).Select(tag => $"{tag.Key}={tag.Value}"), tag => tag.Contains(Secret, StringComparison.Ordinal));
        }

        HealthReportEntry health = await HealthAsync(replica);
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.True((double)health.Data["staleness_seconds"] >= 0);
    }

    private static string EndPointOf(IHost host) => host.Services.GetRequiredService<IReplicatedCache>().GetReplicationInfo().ListenEndPoints[0];

    private static async Task<HealthReportEntry> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["replicated-cache"];

    private static Task<IHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync(new TraceLog(), settings);

    private static async Task<IHost> StartAsync(TraceLog log, params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ReplicatedCache:RecoveryWindow", "00:00:00")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>("ReplicatedCache:" + setting.Key, setting.Value)));
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddHealthChecks();
        builder.Services.AddReplicatedCache();
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed class LineExporter(List<string> lines) : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (Metric metric in batch)
            {
                foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
                {
                    string tags = string.Empty;
                    foreach (KeyValuePair<string, object?> tag in point.Tags)
                    {
                        tags += $" {tag.Key}={tag.Value}";
                    }

                    lines.Add(metric.Name + tags);
                }
            }

            return ExportResult.Success;
        }
    }

    private sealed class ActivityCollector(List<Activity> activities) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            lock (activities)
            {
                activities.Add(data);
            }
        }
    }
}
