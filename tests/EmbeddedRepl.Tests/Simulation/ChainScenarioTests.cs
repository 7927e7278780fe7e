using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class ChainScenarioTests
{
    // Many seeds, because the swap has to come between the moment when a piece of the snapshot is due and the moment when it is read.
    [Fact]
    [Trait("Behaviour", "A18")]
    public void MiddleNode_TakesAnotherDataSetWhileItSendsASnapshot_SubReplicaDecidesAnew()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            Cluster cluster = Clusters.New(seed);
            SimulatedNode first = cluster.Add("first", Clusters.Settings).Start();
            SimulatedNode second = cluster.Add("second", Clusters.Settings).Start();
            SimulatedNode middle = cluster.Add("middle", Clusters.Settings, "first").Start();
            cluster.Fill(first, "first", 3_000);
            cluster.Fill(second, "second", 10);
            cluster.RunUntil(() => Cluster.IsEqual(middle, first), "the middle node has the first master's data");
            cluster.Network.NextQuality = () => Clusters.Slow;
            SimulatedNode sub = cluster.Add("sub", Clusters.Settings, "middle").Start();
            cluster.RunUntil(sub.IsLoading, "the sub-replica loads");
            middle.ReplicateFrom("second");
            cluster.RunUntil(() => Cluster.IsEqual(middle, second), "the middle node has the second master's data");

            cluster.RunUntil(() => Cluster.IsEqual(sub, second), "the sub-replica has the second master's data");
            cluster.CheckEverything();
        }
    }

    [Fact]
    [Trait("Behaviour", "A18")]
    public void MiddleNode_TakesAnotherDataSetWhileReplicasWaitInLine_BeginsNoFullSyncOfTheOldOne()
    {
        NodeSettings settings = Clusters.Settings with { MaxConcurrentFullSyncs = 1 };
        Cluster cluster = Clusters.New();
        SimulatedNode first = cluster.Add("first", settings).Start();
        SimulatedNode second = cluster.Add("second", settings).Start();
        SimulatedNode middle = cluster.Add("middle", settings, "first").Start();
        cluster.Fill(first, "first", 3_000);
        cluster.RunUntil(() => Cluster.IsEqual(middle, first), "the middle node has the first master's data");
        cluster.Network.NextQuality = () => Clusters.Slow;
        SimulatedNode[] subs = [.. Enumerable.Range(1, 4).Select(i => cluster.Add($"sub {i}", settings, "middle").Start())];
        cluster.RunUntil(() => middle.Process!.Core.FullSyncs.Waiting == 3, "three wait in line");
        middle.ReplicateFrom("second");
        cluster.RunUntil(() => middle.Data().History.Id == second.Data().History.Id, "the middle node has the second master's data");

        Assert.Equal(1, middle.Counters().SyncFull);
        cluster.RunUntil(() => subs.All(sub => Cluster.IsEqual(sub, second)), "the sub-replicas have the second master's data");
        Assert.Equal(5, middle.Counters().SyncFull);
    }
}
