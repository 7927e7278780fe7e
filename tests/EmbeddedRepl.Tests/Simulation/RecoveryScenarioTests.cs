using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

/// <summary>Masters that lose their data again and again, on a network with delays. The model checks every state that any node serves.</summary>
public class RecoveryScenarioTests
{
    private static readonly LinkQuality Delayed = new(2_000, 1_000, 64 * 1024, 700);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Behaviour", "D8")]
    public void Master_LosesItsDataAgainAndAgainUnderWrites_NothingThatAReplicaHadIsLostAndNobodyNeedsAFullSync(ulong seed)
    {
        Cluster cluster = Clusters.New(seed, Delayed);
        cluster.MastersRecover = true;
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode[] replicas = [.. Enumerable.Range(0, 3).Select(i => cluster.Add($"replica {i}", Clusters.Settings, "master").Start())];
        cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master begins");
        cluster.Fill(master, "kept", 100);
        cluster.RunUntilEqual(master);
        long fullSyncs = replicas.Sum(replica => replica.Counters().FullSyncsCompleted);
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 200; i++)
            {
                cluster.Set(master, $"round {round} {i}", Clusters.Value(100, i));
                cluster.Run(1);
            }

            master.Kill(isHeard: round % 2 == 0);
            cluster.Run(50);
            long most = replicas.Max(replica => replica.Data().Offset);
            master.Start();
            cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master has recovered");

            Assert.True(master.Data().Offset >= most);
            Assert.Equal(0, master.Counters().SyncFull);
            cluster.RunUntilEqual(master);
        }

        Assert.Equal(fullSyncs, replicas.Sum(replica => replica.Counters().FullSyncsCompleted));
        Assert.True(cluster.Situations[SituationCatalogue.RecoveryTaken] >= 5);
    }

    [Fact]
    [Trait("Behaviour", "D14")]
    public void MasterAndMiddleNode_BothRestartWithoutData_TheLeafGivesItBackThroughThem()
    {
        Cluster cluster = Clusters.New(4, Delayed);
        cluster.MastersRecover = true;
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode middle = cluster.Add("middle", Clusters.Settings, "master").Start();
        SimulatedNode leaf = cluster.Add("leaf", Clusters.Settings, "middle").Start();
        cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master begins");
        cluster.Fill(master, "kept", 300);
        cluster.RunUntilEqual(master);
        (long Offset, long Count) before = (leaf.Data().Offset, leaf.Data().Store.Count);

        master.Kill(isHeard: true);
        middle.Kill(isHeard: true);
        master.Start();
        middle.Start();
        cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master has recovered");
        cluster.RunUntilEqual(master);

        Assert.Equal(before, (master.Data().Offset, master.Data().Store.Count));
        Assert.Equal(0, master.Counters().SyncFull);
        Assert.Equal(1, leaf.Counters().FullSyncsCompleted);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void BestReplica_DiesWhileItGives_TheNextBestIsTakenAndTheLateOneKeepsWhatItHas()
    {
        Cluster cluster = Clusters.New(5, Clusters.Slow);
        cluster.MastersRecover = true;
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode best = cluster.Add("best", Clusters.Settings, "master").Start();
        SimulatedNode other = cluster.Add("other", Clusters.Settings, "master").Start();
        cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master begins");
        cluster.Fill(master, "kept", 500);
        cluster.RunUntilEqual(master);
        other.Process!.Freeze();
        cluster.Fill(master, "best", 10);
        cluster.RunUntil(() => Cluster.IsEqual(best, master), "the best one has everything");
        master.Kill(isHeard: true);
        other.Process.Thaw();
        long others = other.Data().Offset;
        Assert.True(others < best.Data().Offset);

        master.Start();
        cluster.RunUntil(() => master.Process!.Core.Recovery is { State: RecoveryState.Taking }, "data is being taken");
        cluster.Run(1);
        best.Process!.Freeze();
        cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master has recovered");

        Assert.Equal(others, master.Data().Offset);
        best.Process.Thaw();
        cluster.Run(10_000);
        Assert.NotNull(best.Process.Core.Upstream!.Refusal);
        Assert.Equal(510, best.Data().Store.Count);
        master.Override();
        cluster.RunUntilEqual(master);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [Trait("Behaviour", "D14")]
    public void PromotedNode_DiesBeforeTheOthersHaveSyncedWithIt_NothingThatTheyHoldIsLost(ulong seed)
    {
        Cluster cluster = Clusters.New(seed, Delayed);
        cluster.MastersRecover = true;
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode promoted = cluster.Add("promoted", Clusters.Settings, "master").Start();
        SimulatedNode[] others = [.. Enumerable.Range(0, 2).Select(i => cluster.Add($"other {i}", Clusters.Settings, "master").Start())];
        cluster.RunUntil(() => master.Process!.Core.AcceptsWrites, "the master begins");
        cluster.Fill(master, "kept", 300);
        cluster.RunUntilEqual(master);

        master.Kill(isHeard: true);
        promoted.Promote(force: false);
        foreach (SimulatedNode other in others)
        {
            other.ReplicateFrom("promoted");
        }

        promoted.Kill(isHeard: true);
        promoted.ConfiguredMaster = null;
        promoted.Start();
        cluster.RunUntil(() => promoted.Process!.Core.AcceptsWrites, "the promoted node has recovered");
        cluster.RunUntil(() => others.All(other => Cluster.IsEqual(other, promoted)), "the others follow it");

        Assert.Equal(300, promoted.Data().Store.Count);
        Assert.Equal(0, promoted.Counters().SyncFull);
        Assert.All(others, other => Assert.False(other.Process!.Core.Upstream!.IsOrdered));
    }
}
