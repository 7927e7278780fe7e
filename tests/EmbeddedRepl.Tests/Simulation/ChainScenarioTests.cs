using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Network;
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

    // The one that waits was accepted first, so that at the swap the one that is served leaves while the other still waits.
    [Fact]
    [Trait("Behaviour", "A18")]
    public void MiddleNode_TakesAnotherDataSetWhileAReplicaWaitsInLine_BeginsNoFullSyncOfTheOldOne()
    {
        NodeSettings settings = Clusters.Settings with { MaxConcurrentFullSyncs = 1 };
        Cluster cluster = Clusters.New();
        SimulatedNode first = cluster.Add("first", settings).Start();
        SimulatedNode second = cluster.Add("second", settings).Start();
        SimulatedNode middle = cluster.Add("middle", settings, "first").Start();
        cluster.Fill(first, "first", 20_000);
        cluster.RunUntil(() => Cluster.IsEqual(middle, first), "the middle node has the first master's data");
        cluster.Network.NextQuality = () => Clusters.Slow with { Latency = 20_000 };
        SimulatedNode waiting = cluster.Add("waiting", settings, "middle").Start();
        cluster.RunUntil(() => middle.Process!.Sessions.Count == 1, "the first sub-replica is accepted");
        cluster.Network.NextQuality = () => Clusters.Slow;
        SimulatedNode served = cluster.Add("served", settings, "middle").Start();
        cluster.RunUntil(() => middle.Process!.Core.FullSyncs.Waiting == 1, "one waits in line");
        Assert.True(served.IsLoading());
        cluster.Network.NextQuality = () => LinkQuality.Perfect;
        middle.ReplicateFrom("second");
        cluster.RunUntil(() => middle.Data().History.Id == second.Data().History.Id, "the middle node has the second master's data");

        Assert.Equal(1, middle.Counters().SyncFull);
        cluster.RunUntil(() => Cluster.IsEqual(served, second) && Cluster.IsEqual(waiting, second), "the sub-replicas have the second master's data");
        Assert.Equal(3, middle.Counters().SyncFull);
    }
}
