using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

public class FullSyncScenarioTests
{
    [Fact]
    [Trait("Behaviour", "A6")]
    public void Replica_OrderedToAnUnrelatedMaster_ServesAllOldDataUntilTheSwapAndThenOnlyTheNew()
    {
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode old = cluster.Add("old", Clusters.Settings).Start();
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode replica = cluster.Add("replica", Clusters.Settings, "old").Start();
        cluster.Fill(old, "old", 30);
        cluster.Fill(master, "new", 500);
        cluster.RunUntil(() => Cluster.IsEqual(replica, old), "the replica has the old data");
        cluster.CheckEverything();

        List<(ReplicationId Id, long Count)> seen = [(replica.Data().History.Id, replica.Data().Store.Count)];
        bool wasLoading = false;
        replica.ReplicateFrom("master");
        cluster.RunUntil(
            () =>
            {
                (ReplicationId, long) now = (replica.Data().History.Id, replica.Data().Store.Count);
                if (seen[^1] != now)
                {
                    seen.Add(now);
                }

                if (replica.IsLoading() && !wasLoading)
                {
                    wasLoading = true;
                    cluster.CheckEverything();
                }

                return Cluster.IsEqual(replica, master);
            },
            "the replica has the new data");

        Assert.True(wasLoading);
        Assert.Equal([(old.Data().History.Id, 30L), (master.Data().History.Id, 500L)], seen);
        Assert.Equal(EmbeddedRepl.Storage.ReadOutcome.Miss, replica.Data().Store.Get("old 1", out _));
        cluster.CheckEverything();
    }

    [Fact]
    [Trait("Behaviour", "A7")]
    public void Link_DiesAtRandomPointsOfTheSnapshot200Times_OldDataStaysAndAllEndsEqual()
    {
        const int Deaths = 200;
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode old = cluster.Add("old", Clusters.Settings).Start();
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        SimulatedNode replica = cluster.Add("replica", Clusters.Settings, "old").Start();
        cluster.Fill(old, "old", 20);
        cluster.Fill(master, "new", 300);
        cluster.RunUntil(() => Cluster.IsEqual(replica, old), "the replica has the old data");

        ReplicationId oldId = old.Data().History.Id;
        long deaths = 0;
        cluster.Network.Opened = connection =>
        {
            if (replica.Counters().FullSyncsFailed < Deaths)
            {
                connection.ToReplica.Faults.BreakAt = cluster.Random.Between(600, 30_000);
            }
        };
        replica.ReplicateFrom("master");
        cluster.RunUntil(
            () =>
            {
                if (replica.Counters().FullSyncsFailed != deaths)
                {
                    deaths = replica.Counters().FullSyncsFailed;
                    Assert.Equal(oldId, replica.Data().History.Id);
                    cluster.CheckEverything();
                }

                return Cluster.IsEqual(replica, master);
            },
            "the replica has the new data");

        Assert.Equal(Deaths, deaths);
        Assert.Equal(2, replica.Counters().FullSyncsCompleted);
        cluster.CheckEverything();
    }

    [Fact]
    [Trait("Behaviour", "A10")]
    public void FullSync_WritesOf20TimesTheOutputLimitMeanwhile_CompletesOnceWithinTheLimit()
    {
        const long Limit = 256 * 1024;
        NodeSettings settings = Clusters.Settings with { BacklogSize = 0, ReplicaOutputLimit = Limit, ReplicaOutputSoftLimit = Limit };
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", settings).Start();
        cluster.Fill(master, "key", 1_000);
        SimulatedNode replica = cluster.Add("replica", settings, "master").Start();
        cluster.RunUntil(replica.IsLoading, "the full sync runs");

        // As fast as the replica could take it in steady state: whatever it has taken is written anew.
        long before = master.Data().Offset;
        int written = 0;
        cluster.Every(100, () =>
        {
            while (replica.IsLoading() && master.Process!.Sessions[0].Session.PendingBytes < Limit * 3 / 4)
            {
                int number = written++ * 7919 % 1_500;
                if (number % 5 == 0)
                {
                    cluster.Remove(master, $"key {number}");
                }

                cluster.Set(master, $"key {(number % 5 == 0 ? number / 5 : number)}", Clusters.Value(written % 900, written));
            }

            return replica.IsLoading();
        });
        cluster.RunUntil(() => !replica.IsLoading(), "the full sync ends", 10_000);
        long during = master.Data().Offset - before;

        Assert.InRange(during, 20 * Limit, 1_000 * Limit);
        cluster.RunUntilEqual(master);
        Assert.Equal((1, 1, 0, 0), Syncs(master));
        Assert.Equal(1, replica.Counters().FullSyncsCompleted);
        Assert.InRange(master.Checker!.MostRetainedBytes, Limit / 2, Limit + cluster.Model.LargestRecord + (2 * StreamBlockPool.DefaultBlockSize));

        static (long Full, long Started, long Failed, long Dropped) Syncs(SimulatedNode node) => (
            node.Counters().SyncFull, node.Process!.Events.Tally.FullSyncsSent, node.Counters().SyncPartialErr, node.Counters().OutputLimitDisconnects);
    }

    [Fact]
    [Trait("Behaviour", "A11")]
    public void FullSync_KeysInsertedOverwrittenAndDeletedWhileTheIndexGrows_NothingMissingNothingResurrected()
    {
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        cluster.Fill(master, "key", 3_000);
        SimulatedNode replica = cluster.Add("replica", Clusters.Settings, "master").Start();
        cluster.RunUntil(replica.IsLoading, "the full sync runs");

        int number = 0;
        cluster.Every(200, () =>
        {
            for (int i = 0; i < 20; i++)
            {
                number++;
                cluster.Set(master, $"inserted {number}", Clusters.Value(10, number));
                cluster.Set(master, $"key {number * 17 % 3_000}", Clusters.Value(number % 200, number));
                cluster.Remove(master, $"key {number * 31 % 3_000}");
                cluster.Remove(master, $"inserted {number / 2}");
            }

            return replica.IsLoading() && number < 20_000;
        });
        cluster.RunUntil(() => !replica.IsLoading(), "the full sync ends");

        Assert.InRange(number, 5_000, int.MaxValue);
        cluster.RunUntilEqual(master);
        Assert.Equal(1, master.Counters().SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "A11")]
    public void FullSync_LargeValueOverwrittenWhileItIsOnItsWay_IsNotOvertakenByTheNewOne()
    {
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        cluster.Set(master, "large", Clusters.Value(200_000, 1));
        SimulatedNode replica = cluster.Add("replica", Clusters.Settings, "master").Start();
        cluster.RunUntil(() => replica.IsLoading() && replica.Process!.Core.Upstream!.Link!.Load!.SnapshotBytes > 50_000, "a part of the value has arrived");
        cluster.Set(master, "large", Clusters.Value(10, 2));
        cluster.RunUntilEqual(master);

        Assert.Equal((1, 0), (master.Counters().SyncFull, replica.Counters().FullSyncsFailed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [Trait("Behaviour", "A12")]
    public void FullSync_ClearMeanwhile_ReplicaEndsEqual(int setAfterwards)
    {
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        cluster.Fill(master, "key", 1_000);
        SimulatedNode replica = cluster.Add("replica", Clusters.Settings, "master").Start();
        cluster.RunUntil(replica.IsLoading, "the full sync runs");
        cluster.Run(20);

        Assert.True(replica.IsLoading());
        cluster.Clear(master);
        cluster.Fill(master, "key", setAfterwards);
        cluster.RunUntilEqual(master);

        Assert.Equal(setAfterwards, replica.Data().Store.Count);
        Assert.Equal(1, master.Counters().SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "A17")]
    public void Replicas_TwentyStartAtOnce_AtMostTwoSnapshotsAtATimeAndAllFinish()
    {
        Cluster cluster = Clusters.New(quality: Clusters.Slow);
        SimulatedNode master = cluster.Add("master", Clusters.Settings).Start();
        cluster.Fill(master, "key", 200);
        int most = 0;
        for (int i = 0; i < 20; i++)
        {
            cluster.Add($"replica {i}", Clusters.Settings, "master").Start();
        }

        cluster.RunUntil(
            () =>
            {
                most = Math.Max(most, master.Process!.Core.FullSyncs.Running);
                return cluster.Nodes.Skip(1).All(node => node.IsStreaming);
            },
            "all stream");

        Assert.Equal(2, most);
        Assert.InRange(cluster.Situations["replica was told its place in the line"], 18, int.MaxValue);
        Assert.Equal(20, master.Counters().SyncFull);
        cluster.RunUntilEqual(master);
    }
}
