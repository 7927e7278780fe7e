using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class RefusalScenarioTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Behaviour", "D13")]
    public void Master_RestartsEmptyAndIsWrittenTo_ReplicasKeepTheirDataUntilAnOperatorDecides(bool byOverride)
    {
        Cluster cluster = Clusters.New();
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode first = cluster.Add("first", Clusters.Settings, "master").Start();
        SimulatedNode second = cluster.Add("second", Clusters.Settings, "master").Start();
        cluster.Fill(master, "kept", 50);
        cluster.RunUntilEqual(master);
        (ReplicationId Id, long Offset) before = (first.Data().History.Id, first.Data().Offset);

        master.Kill(isHeard: true);
        master.Start();
        cluster.Fill(master, "fresh", 5);
        cluster.Run(10_000);

        foreach (SimulatedNode replica in (SimulatedNode[])[first, second])
        {
            Assert.Equal(before, (replica.Data().History.Id, replica.Data().Offset));
            Assert.Equal(50, replica.Data().Store.Count);
            Assert.NotNull(replica.Process!.Core.Upstream!.Refusal);
            Assert.InRange(replica.Counters().FullSyncsRefused, 50, 1_000);
        }

        Assert.Equal(0, master.Counters().SyncFull);
        if (byOverride)
        {
            master.Override();
        }
        else
        {
            first.ReplicateFrom("master");
            cluster.Run(2_000);
            Assert.Equal(before, (second.Data().History.Id, second.Data().Offset));
            second.ReplicateFrom("master");
        }

        cluster.RunUntilEqual(master);
        Assert.Equal(5, first.Data().Store.Count);
    }

    [Fact]
    [Trait("Behaviour", "D6")]
    public void Master_Stops_ReplicasStayReplicasAndServe()
    {
        Cluster cluster = Clusters.New();
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode replica = cluster.Add("replica", Clusters.Settings, "master").Start();
        cluster.Fill(master, "key", 20);
        cluster.RunUntilEqual(master);

        master.Kill(isHeard: false);
        cluster.Run(10_000);

        Assert.Equal(ReplicationRole.Replica, replica.Process!.Core.Role);
        Assert.False(replica.IsStreaming);
        Assert.NotEqual(-1, replica.Process.Core.Upstream!.DownSinceUtc);
        Assert.Equal(20, replica.Data().Store.Count);
        replica.Checker!.CheckEverything();
    }
}
