using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

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
}
