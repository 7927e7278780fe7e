using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

public class PartialResyncTests
{
    private const long Block = StreamBlockPool.DefaultBlockSize;

    [Fact]
    [Trait("Behaviour", "B1")]
    public void Link_BrokenAgainAndAgainUnderLoadWithAmpleBacklog_OnlyTheFirstSyncIsFull()
    {
        const int Breaks = 10;
        using TestNode master = TestNode.Master().Fill(1_000, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 1);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString()).WaitForStreaming();
        using Worker writer = Write(master);
        for (int i = 0; i < Breaks; i++)
        {
            writer.WaitForSteps(100);
            proxy.ResetAll();
            replica.WaitUntil(() => master.Info.SyncPartialOk == i + 1, () => $"partial resync {i + 1}; {master.Info}").WaitForStreaming();
        }

        writer.Stop();
        replica.WaitUntilIdenticalTo(master);
        ReplicationInfo info = master.Info;
        Assert.Equal((1, Breaks, 0), (info.SyncFull, info.SyncPartialOk, info.SyncPartialErr));
        Assert.Equal((1, Breaks), (replica.Info.FullSyncsCompleted, replica.Info.PartialResyncsCompleted));
    }

    [Fact]
    [Trait("Behaviour", "B2")]
    public void Link_BrokenAgainAndAgainUnderLoadWithATinyBacklog_FullSyncsAreCountedAsRefusedPartialOnes()
    {
        const int Breaks = 5;
        using TestNode master = TestNode.Master(options => options.BacklogSize = 0).Fill(1_000, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 2);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString()).WaitForStreaming();
        using Worker writer = Write(master);
        for (int i = 0; i < Breaks; i++)
        {
            proxy.IsRefusing = true;
            proxy.ResetAll();
            master.WaitFor(info => info.Replicas.Count == 0, "the master has noticed");

            // More than a block, which is what even an empty backlog keeps.
            long offset = master.Info.ReplicationOffset;
            master.WaitFor(info => info.ReplicationOffset > offset + (2 * Block), "writes have gone on");
            proxy.IsRefusing = false;
            replica.WaitFor(info => info.FullSyncsCompleted == i + 2, $"full sync {i + 2}");
        }

        writer.Stop();
        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        ReplicationInfo info = master.Info;
        Assert.Equal((Breaks + 1, 0, Breaks), (info.SyncFull, info.SyncPartialOk, info.SyncPartialErr));
    }

    [Fact]
    [Trait("Behaviour", "B3")]
    public void Replica_AwayForAWhileWithAmpleBacklog_ContinuesPartially()
    {
        using TestNode master = TestNode.Master().Fill(1_000, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 3);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString()).WaitForStreaming();
        proxy.IsRefusing = true;
        proxy.ResetAll();
        replica.WaitFor(info => info.LinkState != ReplicationLinkState.Streaming, "the link is down");

        // 30 attempts are three seconds at the delay of 100 ms.
        master.Fill(10_000, 100, "while away");
        replica.WaitUntil(() => replica.Peek(core => core.Counters.LinkFailures) >= 30, () => "the replica was away for 30 attempts");
        proxy.IsRefusing = false;

        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        Assert.Equal((1, 1, 0), (master.Info.SyncFull, master.Info.SyncPartialOk, master.Info.SyncPartialErr));
        Assert.Equal(11_000, replica.Info.EntryCount);
    }

    [Fact]
    [Trait("Behaviour", "B5")]
    public void Replica_ReturnsExactlyCurrent_ContinuesWithoutAByteOfStream()
    {
        using TestNode master = TestNode.Master();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 5);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString()).WaitForStreaming();
        master.Set("large", new byte[500_000]);
        replica.WaitUntilEqualTo(master);
        long offset = master.Info.ReplicationOffset;
        long before = proxy.Statistics.BytesToClient;

        proxy.ResetAll();
        replica.WaitFor(info => info.PartialResyncsCompleted == 1, "the partial resync").WaitForStreaming();

        // Handshake and heartbeats fit into this many times over; the last record alone would be a hundred times more.
        Assert.InRange(proxy.Statistics.BytesToClient - before, 1, 5_000);
        Assert.Equal((1, 1, 0), (master.Info.SyncFull, master.Info.SyncPartialOk, master.Info.SyncPartialErr));
        Assert.Equal(offset, replica.Info.ReplicationOffset);
        master.Set("next", [1]);
        replica.WaitUntilIdenticalTo(master);
    }

    [Fact]
    [Trait("Behaviour", "B9")]
    public void Replicas_ThreeThatDoNotRead_HoldTheStreamMemoryOfOne()
    {
        const long Backlog = 1 << 20;
        const int Written = 24 << 20;
        using TestNode master = TestNode.Master(options =>
        {
            options.BacklogSize = Backlog;
            options.LinkTimeout = TimeSpan.FromMinutes(2);
        });
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 9);
        TestNode[] replicas = [.. Enumerable.Range(0, 3).Select(_ => TestNode.Replica(proxy.EndPoint.ToString(), options => options.LinkTimeout = TimeSpan.FromMinutes(2)))];
        try
        {
            Array.ForEach(replicas, replica => replica.WaitForStreaming());
            proxy.Stall(true);
            byte[] value = new byte[64 << 10];
            for (int i = 0; i < Written / value.Length; i++)
            {
                master.Set($"key {i % 10}", value);
            }

            // What waits for the slowest is more than the backlog, so the memory is the replicas'; and all of it is there once.
            (long retained, long slowest) = master.Peek(core =>
                (core.Data.Log.RetainedBytes, core.Sessions.Max(session => session.PendingBytes)));
            Assert.InRange(slowest, Backlog + 1, Written + (Written / 100));
            Assert.InRange(retained, slowest, slowest + (2 * Block));

            proxy.Stall(false);
            Array.ForEach(replicas, replica => replica.WaitUntilEqualTo(master));
            master.WaitUntil(() => master.Peek(core => core.Data.Log.RetainedBytes) <= Backlog + (2 * Block), () => "the memory is given back");
            Assert.Equal((3, 0), (master.Info.SyncFull, master.Info.SyncPartialOk));
        }
        finally
        {
            Array.ForEach(replicas, replica => replica.Dispose());
        }
    }

    [Fact]
    [Trait("Behaviour", "B15")]
    public void Link_ThirtyRandomDisconnects_EqualAndCountersExplainEveryOne()
    {
        const int Disconnects = 30;
        using TestNode master = TestNode.Master().Fill(1_000, 100);
        var random = new Random(15);
        int left = Disconnects;

        // Anywhere from the first byte of the handshake on; half of them early, where handshake and snapshot are.
        var connector = new CuttingConnector(_ => left-- > 0 ? random.Next(2) == 0 ? random.Next(1_000) : random.Next(400_000) : null);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => options.ReconnectDelay = TimeSpan.FromMilliseconds(20), connector: connector);
        using Worker writer = Write(master);
        replica.WaitUntil(() => connector.Connections == Disconnects + 1, () => $"all connections were cut; {connector.Connections}").WaitForStreaming();
        writer.Stop();
        replica.WaitUntilIdenticalTo(master);

        // Every disconnect is a failure of the link. Each connection got at most one answer, and none got what the replica does not know of,
        // unless it was cut before the answer arrived.
        Assert.Equal(Disconnects, replica.Peek(core => core.Counters.LinkFailures));
        ReplicationInfo info = master.Info;
        (long failed, long completed) = replica.Peek(core => (core.Counters.FullSyncsFailed, core.Counters.FullSyncsCompleted));
        long partial = replica.Info.PartialResyncsCompleted;
        Assert.Equal(1, completed);
        Assert.Equal(0, info.SyncPartialErr);
        Assert.InRange(completed + failed, 1, info.SyncFull);
        Assert.InRange(partial, 1, info.SyncPartialOk);
        Assert.InRange(info.SyncFull + info.SyncPartialOk, completed + failed + partial, connector.Connections);
    }

    [Fact]
    [Trait("Behaviour", "B12")]
    public void Value_LargerThanBacklogAndOutputLimit_IsAcceptedAndArrivesWithoutALoop()
    {
        const int Rounds = 10;
        using TestNode master = TestNode.Master(options =>
        {
            options.BacklogSize = 1 << 10;
            options.ReplicaOutputLimit = 64 << 10;
            options.ReplicaOutputSoftLimit = 64 << 10;
        }).Fill(100, 100);
        using TestNode replica = TestNode.Replica(master.EndPoint).WaitForStreaming();

        for (int i = 0; i < Rounds; i++)
        {
            byte[] value = new byte[3 << 20];
            new Random(i).NextBytes(value);
            master.Set($"large {i}", value);

            // Right behind it, while the large one is still on its way.
            master.Set("small", [(byte)i]);
            replica.WaitUntil(() => replica.Get("small") is [var seen] && seen == i, () => $"value {i} arrives; {master.Info}");
        }

        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        ReplicationInfo info = master.Info;
        Assert.Equal((1, 0, 0), (info.SyncFull, info.SyncPartialErr, info.OutputLimitDisconnects));
    }

    private static Worker Write(TestNode master)
    {
        var random = new Random(0);
        byte[] value = new byte[200];
        return Worker.Writing(i =>
        {
            random.NextBytes(value);
            if (i % 7 == 0)
            {
                master.Node.Remove($"key {random.Next(2_000)}");
            }
            else
            {
                master.Set($"key {random.Next(2_000)}", value);
            }
        });
    }
}
