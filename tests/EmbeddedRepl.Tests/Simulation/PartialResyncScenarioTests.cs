using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class PartialResyncScenarioTests
{
    [Theory]
    [InlineData(1 << 20, true)]
    [InlineData(200, false)]
    [Trait("Behaviour", "B1")]
    [Trait("Behaviour", "B2")]
    public void Link_BrokenEvery2SecondsUnderLoad_ResyncsPartiallyAsFarAsTheBacklogReaches(long backlog, bool isAmple)
    {
        NodeSettings settings = Clusters.Settings with { BacklogSize = backlog };
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", settings).Start();
        SimulatedNode replica = cluster.Add("replica", settings, "master").Start();
        cluster.Fill(master, "key", 100);
        bool isLoaded = true;
        int writes = 0;
        cluster.Every(2_000, () =>
        {
            cluster.Set(master, $"key {++writes % 200}", Clusters.Value(writes % 300, writes));
            return isLoaded;
        });
        for (int i = 0; i < 15; i++)
        {
            cluster.Run(2_000);
            cluster.BreakAll();
        }

        isLoaded = false;
        cluster.RunUntilEqual(master);
        NodeCounters counters = master.Counters();
        if (isAmple)
        {
            Assert.Equal((1, 15, 0), (counters.SyncFull, counters.SyncPartialOk, counters.SyncPartialErr));
        }
        else
        {
            Assert.InRange(counters.SyncPartialErr, 10, 15);
            Assert.Equal(15, counters.SyncPartialErr + counters.SyncPartialOk);
            Assert.Equal(counters.SyncPartialErr + 1, counters.SyncFull);
        }

        Assert.Equal(counters.SyncFull, replica.Counters().FullSyncsCompleted);
        Assert.Equal(15, replica.Counters().LinkFailures);
    }

    [Fact]
    [Trait("Behaviour", "B5")]
    public void Replica_ExactlyCurrentComesBack_ContinuesWithNoByteOfStream()
    {
        NodeSettings settings = Clusters.Settings with { BacklogSize = 0 };
        Cluster cluster = Clusters.New();
        SimulatedNode master = cluster.Add("master", settings).Start();
        SimulatedNode replica = cluster.Add("replica", settings, "master").Start();
        cluster.Fill(master, "key", 10);
        cluster.RunUntilEqual(master);
        cluster.BreakAll();
        cluster.RunUntil(() => !replica.IsStreaming, "the link is down");
        cluster.RunUntilEqual(master);

        Assert.Equal((1, 1, 0), (master.Counters().SyncFull, master.Counters().SyncPartialOk, master.Counters().SyncPartialErr));
        Assert.Equal(1, cluster.Situations[SituationCatalogue.PartialOfCurrent]);
        Assert.Equal(0, master.Process!.Sessions[0].Session.PendingBytes);
    }

    [Fact]
    [Trait("Behaviour", "B9")]
    public void Stream_ThreeReplicasThatTakeNothing_RetainsTheMemoryOfOne()
    {
        long one = RetainedWithStuckReplicas(1);
        long three = RetainedWithStuckReplicas(3);

        Assert.Equal(one, three);
        Assert.InRange(one, 1_000_000, 1_100_000 + (2 * StreamBlockPool.DefaultBlockSize));
    }

    [Fact]
    [Trait("Behaviour", "B12")]
    public void Value_LargerThanBacklogAndOutputLimit_ReachesTheReplicaByTheStreamAndByAFullSync()
    {
        NodeSettings settings = Clusters.Settings with { BacklogSize = 1_000, ReplicaOutputLimit = 2_000, ReplicaOutputSoftLimit = 2_000, ReplicaOutputSoftTime = 60_000 };
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", settings).Start();
        SimulatedNode streaming = cluster.Add("streaming", settings, "master").Start();
        cluster.Fill(master, "key", 3);
        cluster.RunUntilEqual(master);

        cluster.Set(master, "large", Clusters.Value(300_000, 1));
        cluster.RunUntilEqual(master);
        Assert.Equal((1, 0), (master.Counters().SyncFull, master.Counters().OutputLimitDisconnects));
        Assert.InRange(master.Checker!.MostRetainedBytes, 300_000, 2_000 + 300_100 + (2 * StreamBlockPool.DefaultBlockSize));

        SimulatedNode loading = cluster.Add("loading", settings, "master").Start();
        cluster.RunUntilEqual(master);
        Assert.Equal(1, loading.Counters().FullSyncsCompleted);
        Assert.Equal(1, streaming.Counters().FullSyncsCompleted);
    }

    private static long RetainedWithStuckReplicas(int replicas)
    {
        NodeSettings settings = Clusters.Settings with { BacklogSize = 0 };
        Cluster cluster = Clusters.New();
        SimulatedNode master = cluster.Add("master", settings).Start();
        for (int i = 0; i < replicas; i++)
        {
            cluster.Add($"replica {i}", settings, "master").Start();
        }

        cluster.RunUntilEqual(master);
        foreach (SimulatedNode replica in cluster.Nodes.Skip(1))
        {
            replica.Process!.Freeze();
        }

        cluster.Network.NextQuality = () => Clusters.Slow;
        cluster.Fill(master, "key", 1_000, size: 1_000);
        long retained = master.Data().Log.RetainedBytes;
        foreach (SimulatedNode replica in cluster.Nodes.Skip(1))
        {
            replica.Process!.Thaw();
        }

        cluster.RunUntilEqual(master);
        return retained;
    }
}
