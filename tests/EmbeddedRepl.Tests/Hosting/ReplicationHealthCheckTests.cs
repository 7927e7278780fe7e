using EmbeddedRepl.Hosting;
using EmbeddedRepl.Tests.Contract;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class ReplicationHealthCheckTests
{
    private readonly DictionaryNodeFactory _nodes = new();

    [Fact]
    public async Task StandAloneMaster_IsHealthyWithFigures()
    {
        HealthReportEntry entry = await Check(_ => { }, info => info with { ReplicationOffset = 42, EntryCount = 7 });

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal("Master", entry.Data["role"]);
        Assert.Equal(42L, entry.Data["replication_offset"]);
        Assert.Equal(7L, entry.Data["entries"]);
        Assert.Equal(["ready", "replication"], entry.Tags.Order());
    }

    [Fact]
    [Trait("Behaviour", "K5")]
    public async Task ReplicaBeforeItsFirstSync_IsUnhealthyAndSaysWhy()
    {
        HealthReportEntry entry = await Check(
            o => o.Master = "10.0.0.5:6390",
            info => info with { LinkState = ReplicationLinkState.Connecting, LinkDownReason = "connection refused" });

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal(
            "No full sync has been completed yet; the link to master 10.0.0.5:6390 is Connecting (connection refused).", entry.Description);
    }

    [Fact]
    [Trait("Behaviour", "I3")]
    public async Task MasterWithTooFewReplicasToWrite_IsDegradedAndSaysThatWritesAreRefused()
    {
        HealthReportEntry entry = await Check(
            o => (o.Role, o.MinReplicasToWrite) = (ReplicationRole.Master, 2), info => info with { MinReplicasToWrite = 2, GoodReplicas = 1 });

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("writes are refused, because 1 replicas follow closely and MinReplicasToWrite demands 2.", entry.Description);
    }

    [Fact]
    [Trait("Behaviour", "G8")]
    public async Task ReplicaThatCannotHoldItsMastersData_IsDegradedAndSaysWhy()
    {
        HealthReportEntry entry = await Check(
            o => o.Master = "10.0.0.5:6390",
            info => info with { IsReady = true, LinkState = ReplicationLinkState.Streaming, MemoryShortage = "MemoryLimit is reached." });

        Assert.Equal((HealthStatus.Degraded, "the master's data does not fit (MemoryLimit is reached)."), (entry.Status, entry.Description));
    }

    [Fact]
    public async Task NodeThatLoadsItsSnapshotFile_IsUnhealthyAndSaysSo()
    {
        HealthReportEntry entry = await Check(_ => { }, info => info with { IsReady = false, Snapshot = new SnapshotInfo { Path = "/file", IsLoading = true } });

        Assert.Equal((HealthStatus.Unhealthy, "The snapshot file is being loaded."), (entry.Status, entry.Description));
    }

    [Fact]
    [Trait("Behaviour", "G7")]
    public async Task NodeThatCannotSave_IsDegradedAndSaysWhy()
    {
        HealthReportEntry entry = await Check(_ => { }, info => info with { Snapshot = new SnapshotInfo { Path = "/file", LastError = "No space left." } });

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("the snapshot could not be saved (No space left)", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "K5")]
    public async Task ReplicaThatStreams_IsHealthyWithItsFigures()
    {
        HealthReportEntry entry = await Check(
            o => o.Master = "10.0.0.5:6390",
            info => info with { IsReady = true, LinkState = ReplicationLinkState.Streaming, LagBytes = 5, Staleness = TimeSpan.FromSeconds(60), FullSyncsCompleted = 2 });

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(5L, entry.Data["lag_bytes"]);
        Assert.Equal(60.0, entry.Data["staleness_seconds"]);
        Assert.Equal(2L, entry.Data["full_syncs"]);
        Assert.Equal("Streaming", entry.Data["link_state"]);
        Assert.Equal(["ready", "replication"], entry.Tags.Order());
    }

    [Theory]
    [Trait("Behaviour", "K5")]
    [InlineData(0, StaleReadBehavior.Serve, 61, "the data lags by 00:01:01, 5 bytes.")]
    [InlineData(20, StaleReadBehavior.Serve, 21, "the data is 00:00:21 stale, MaxStaleness allows 00:00:20, and stale data is served.")]
    [InlineData(20, StaleReadBehavior.Miss, 21, "the data is 00:00:21 stale, MaxStaleness allows 00:00:20, and reads are refused.")]
    [InlineData(20, StaleReadBehavior.Throw, -1, "it is not known how stale the data is, and reads are refused.")]
    public async Task ReplicaThatLags_IsDegradedAndSaysWhatReadsGet(int maxStaleness, StaleReadBehavior reads, int staleness, string description)
    {
        HealthReportEntry entry = await Check(
            o => (o.Master, o.MaxStaleness, o.StaleReads) = ("10.0.0.5:6390", TimeSpan.FromSeconds(maxStaleness), reads),
            info => info with
            {
                IsReady = true,
                LinkState = ReplicationLinkState.Streaming,
                LagBytes = 5,
                Staleness = staleness < 0 ? null : TimeSpan.FromSeconds(staleness),
            });

        Assert.Equal((HealthStatus.Degraded, description), (entry.Status, entry.Description));
    }

    [Fact]
    [Trait("Behaviour", "K5")]
    public async Task ReplicaWithItsLinkDown_IsDegradedAndSaysSinceWhen()
    {
        HealthReportEntry entry = await Check(
            o => o.Master = "10.0.0.5:6390",
            info => info with
            {
                IsReady = true,
                LinkState = ReplicationLinkState.Disconnected,
                LinkDownSince = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
                LinkDownReason = "connection reset.",
            });

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("the link to master 10.0.0.5:6390 is Disconnected since 2030-01-02 03:04:05Z (connection reset).", entry.Description);
    }

    [Fact]
    [Trait("Behaviour", "D8"), Trait("Behaviour", "K5")]
    public async Task MasterThatRecovers_IsDegradedAndNeverUnhealthyAndSaysWhy()
    {
        HealthReportEntry entry = await Check(
            o => o.Role = ReplicationRole.Master,
            info => info with { RecoveryState = RecoveryState.Undecided, RecoveryMessage = "Two histories came." });

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("Two histories came (Undecided).", entry.Description);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task FewerReplicasThanExpected_IsDegradedAndNamesWhoIsThere()
    {
        HealthReportEntry entry = await Check(
            o => (o.Role, o.ExpectedReplicas) = (ReplicationRole.Master, 3),
            info => info with
            {
                Replicas =
                [
                    Replica("10.0.0.6:50001", ReplicaSessionState.Streaming),
                    Replica("10.0.0.7:50002", ReplicaSessionState.SendingSnapshot),
                    Replica("10.0.0.8:50003", ReplicaSessionState.Streaming),
                ],
            });

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("2 of 3 expected replicas are attached: 10.0.0.6:50001, 10.0.0.8:50003.", entry.Description);
        Assert.Equal(2, entry.Data["replicas_attached"]);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task NoReplicaOfThoseExpected_IsDegraded()
    {
        HealthReportEntry entry = await Check(o => (o.Role, o.ExpectedReplicas) = (ReplicationRole.Master, 1), info => info);

        Assert.Equal("0 of 1 expected replicas are attached: none.", entry.Description);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task AllExpectedReplicas_IsHealthy()
    {
        HealthReportEntry entry = await Check(
            o => (o.Role, o.ExpectedReplicas) = (ReplicationRole.Master, 1),
            info => info with { Replicas = [Replica("10.0.0.6:50001", ReplicaSessionState.Streaming)] });

        Assert.Equal(HealthStatus.Healthy, entry.Status);
    }

    private static ReplicaInfo Replica(string address, ReplicaSessionState state) =>
        new(address, state, AckedOffset: 0, LagBytes: 0, LastAckAge: TimeSpan.Zero, RunId: new string('0', 40));

    private async Task<HealthReportEntry> Check(Action<ReplicatedCacheOptions> configure, Func<ReplicationInfo, ReplicationInfo> change)
    {
        _nodes.Prepare = node => node.Info = change(node.Info);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHealthChecks();
        services.AddSingleton<INodeFactory>(_nodes);
        services.AddReplicatedCache(configure);
        using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["replicated-cache"];
    }
}
