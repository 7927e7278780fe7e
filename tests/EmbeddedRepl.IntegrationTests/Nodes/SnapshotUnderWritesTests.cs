using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Full syncs while the master is being written to.</summary>
public class SnapshotUnderWritesTests
{
    /// <summary>Larger than what the sockets on the way hold, so that a stalled connection stalls the snapshot.</summary>
    private const int LargeEntries = 48_000;
    private const int LargeValue = 1_000;

    [Fact]
    [Trait("Behaviour", "A4")]
    public void Replicas_ThreeAttachTogetherUnderFiveWriters_AllStreamAndAreEqual()
    {
        using TestNode master = TestNode.Master().Fill(20_000, 100);
        Worker[] writers = [.. Enumerable.Range(0, 5).Select(writer => Worker.Writing(i => Churn(master, new Random((writer << 20) + i), 25_000)))];
        try
        {
            TestNode[] replicas = [.. Enumerable.Range(0, 3).Select(_ => TestNode.Replica(master.EndPoint))];
            try
            {
                Array.ForEach(replicas, replica => replica.WaitForStreaming());
                Array.ForEach(writers, writer => writer.WaitForSteps(100));
                Array.ForEach(writers, writer => writer.Stop());

                Array.ForEach(replicas, replica => replica.WaitUntilIdenticalTo(master));
                Assert.NotEqual(0, master.Info.EntryCount);
                Assert.Equal(3, master.Info.SyncFull);
            }
            finally
            {
                Array.ForEach(replicas, replica => replica.Dispose());
            }
        }
        finally
        {
            Array.ForEach(writers, writer => writer.Dispose());
        }
    }

    [Theory]
    [Trait("Behaviour", "A5")]
    [InlineData(1)]
    [InlineData(2)]
    public void Replica_ArrivesDuringTheSnapshotOfAnother_GetsOneOfItsOwn(int maxConcurrentFullSyncs)
    {
        using TestNode master = TestNode.Master(options =>
        {
            options.MaxConcurrentFullSyncs = maxConcurrentFullSyncs;
            Patient(options);
        }).Fill(LargeEntries, LargeValue);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 5);
        using TestNode first = StartAndStall(master, proxy);
        ChurnMany(master, new Random(1), 2 * LargeEntries, 500);

        using TestNode second = TestNode.Replica(master.EndPoint);
        master.WaitFor(info => info.Replicas.Count == 2, "the second one is attached");
        ChurnMany(master, new Random(2), 2 * LargeEntries, 500);
        if (maxConcurrentFullSyncs > 1)
        {
            second.WaitForStreaming();
        }

        Assert.Equal(ReplicaSessionState.SendingSnapshot, master.Info.Replicas[0].State);
        proxy.Stall(false);
        first.WaitForStreaming().WaitUntilIdenticalTo(master);
        second.WaitForStreaming().WaitUntilIdenticalTo(master);
        Assert.Equal(2, master.Info.SyncFull);
        Assert.Equal((1, 1), (first.Info.FullSyncsCompleted, second.Info.FullSyncsCompleted));
    }

    [Fact]
    [Trait("Behaviour", "A10")]
    public void FullSync_TwentyTimesTheOutputLimitWrittenMeanwhile_CompletesOnceWithinTheLimit()
    {
        const int Entries = 1_000_000;
        const long Limit = 256 << 10;
        const long Backlog = 64 << 10;
        const long Block = StreamBlockPool.DefaultBlockSize;
        using TestNode master = TestNode.Master(options =>
        {
            options.ReplicaOutputLimit = Limit;
            options.ReplicaOutputSoftLimit = Limit;
            options.BacklogSize = Backlog;
            Patient(options);
        }).Fill(Entries, 16);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 10);

        // So slow that a busy machine, too, writes more meanwhile than has to be written.
        proxy.ToClient.BytesPerSecond = 8 << 20;
        long startOffset = master.Info.ReplicationOffset;
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), Patient);
        master.WaitFor(info => info.Replicas is [{ State: ReplicaSessionState.SendingSnapshot }], "the snapshot has begun");

        // What is asked for is that such a sync ends while the writes go on, as long as the replica could keep up with them afterwards. So they
        // wait for the stream to move, but fill most of the limit every now and then; and whenever they are behind what is to be written by the
        // time that so much of the snapshot has arrived, the network waits for them.
        long mostRetained = 0;
        long batches = 0;
        var random = new Random(10);
        while (replica.Info is { FullSyncsCompleted: 0 } progress && batches < 200_000)
        {
            (long pending, long retained, long end) = master.Peek(core =>
                (core.Sessions.Count == 1 ? core.Sessions[0].PendingBytes : 0, core.Data.Log.RetainedBytes, core.Data.Offset));
            mostRetained = Math.Max(mostRetained, retained);
            double due = 40 * Limit * Math.Min(100, progress.SyncPercent + 10) / 100;
            proxy.ToClient.IsStalled = pending < Limit / 2 && end - startOffset < due;
            if (pending > (batches % 1_000 < 50 ? Limit * 3 / 4 : Limit / 2))
            {
                Thread.Sleep(0);
                continue;
            }

            for (int i = 0; i < 100; i++)
            {
                Churn(master, random, Entries + (Entries / 10), valueSize: 200);
            }

            batches++;
        }

        proxy.Stall(false);
        Assert.Equal(1, replica.Info.FullSyncsCompleted);
        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        long producedMeanwhile = master.Info.ReplicationOffset - startOffset;
        Assert.True(producedMeanwhile >= 20 * Limit, $"Only {producedMeanwhile} bytes were written during the sync.");
        Assert.InRange(mostRetained, Backlog, Limit + Backlog + (2 * Block));
        ReplicationInfo after = master.Info;
        Assert.Equal((1, 0, 0, 0), (after.SyncFull, after.SyncPartialOk, after.SyncPartialErr, after.OutputLimitDisconnects));
        Assert.Equal((1, 0), replica.Peek(core => (core.Counters.FullSyncsCompleted, core.Counters.FullSyncsFailed)));
    }

    [Fact]
    [Trait("Behaviour", "A11")]
    public void FullSync_KeysInsertedOverwrittenDeletedAndIndexGrownMeanwhile_NothingMissingNothingResurrected()
    {
        using TestNode master = TestNode.Master(Patient).Fill(LargeEntries, LargeValue);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 11);
        using TestNode replica = StartAndStall(master, proxy);

        // Twice as many keys as before: every index block is split at least once between two halves of the snapshot.
        master.Fill(LargeEntries, 20, "new");
        for (int i = 0; i < LargeEntries; i += 3)
        {
            master.Node.Remove($"key {i}");
            master.Set($"key {i + 1}", [1, 2, 3]);
        }

        for (int i = 0; i < LargeEntries; i += 6)
        {
            master.Set($"key {i}", [4]);
            master.Node.Remove($"new {i}");
        }

        Assert.Equal(ReplicaSessionState.SendingSnapshot, master.Info.Replicas[0].State);
        proxy.Stall(false);
        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        Assert.Equal(1, master.Info.SyncFull);
        Assert.Null(replica.Get("key 3"));
        Assert.Null(replica.Get("new 6"));
        Assert.Equal([4], replica.Get("key 6"));
        Assert.Equal([1, 2, 3], replica.Get("key 4"));
        Assert.NotNull(replica.Get($"new {LargeEntries - 1}"));
    }

    [Theory]
    [Trait("Behaviour", "A12")]
    [InlineData(0)]
    [InlineData(100)]
    public void FullSync_EverythingRemovedMeanwhile_ReplicaEndsEqual(int writtenAfterwards)
    {
        using TestNode master = TestNode.Master(Patient).Fill(LargeEntries, LargeValue);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 12);
        using TestNode replica = StartAndStall(master, proxy);

        master.Node.Clear();
        master.Fill(writtenAfterwards, 10, "after");
        proxy.Stall(false);
        replica.WaitForStreaming().WaitUntilIdenticalTo(master);
        Assert.Equal(writtenAfterwards, replica.Info.EntryCount);
        Assert.Equal(1, master.Info.SyncFull);
    }

    /// <summary>A link that stands still for as long as a test needs on a busy machine is not given up.</summary>
    private static void Patient(ReplicatedCacheOptions options) => options.LinkTimeout = TimeSpan.FromMinutes(2);

    /// <summary>A replica whose snapshot has begun and stands still in the middle.</summary>
    private static TestNode StartAndStall(TestNode master, FaultProxy proxy)
    {
        proxy.ToClient.BytesPerSecond = 8 << 20;
        TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), Patient);
        replica.WaitFor(info => info.SyncReceivedBytes > 0, "the snapshot has begun");
        proxy.Stall(true);
        proxy.ToClient.BytesPerSecond = 0;
        Assert.Equal(ReplicaSessionState.SendingSnapshot, master.Info.Replicas[0].State);
        return replica;
    }

    private static void ChurnMany(TestNode master, Random random, int keys, int writes)
    {
        for (int i = 0; i < writes; i++)
        {
            Churn(master, random, keys);
        }
    }

    /// <summary>One write: overwrites, inserts, removes, or inserts again what was removed.</summary>
    private static void Churn(TestNode master, Random random, int keys, int valueSize = 100)
    {
        string key = $"key {random.Next(keys)}";
        if (random.Next(4) == 0)
        {
            master.Node.Remove(key);
            return;
        }

        byte[] value = new byte[valueSize];
        random.NextBytes(value);
        master.Set(key, value);
    }
}
