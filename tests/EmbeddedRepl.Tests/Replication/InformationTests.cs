using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class InformationTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Master_WithOneReplicaThatLags_SaysWhatWaitsAndWhatIsPinned()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { BacklogSize = 0, MinReplicasToWrite = 1 });
        var replica = new ScriptedReplica(master);
        replica.BeginStreaming();
        replica.Give(new AckFrame(0, 1, 0, 0));
        _time.Advance(TimeSpan.FromSeconds(2));
        master.Advance(0);
        master.Set("key", new byte[100_000]);

        ReplicationInfo info = Info(master);

        ReplicaInfo attached = Assert.Single(info.Replicas);
        Assert.Equal((master.Offset, master.Offset, TimeSpan.FromSeconds(2)), (attached.PendingBytes, attached.LagBytes, attached.LastAckAge));
        Assert.Equal((master.Offset, 2 * StreamBlockPool.DefaultBlockSize), (info.StreamPinnedBytes, info.StreamBytes));
        Assert.Equal((1, 1, true), (info.MinReplicasToWrite, info.GoodReplicas, info.AcceptsWrites));
        Assert.Equal((master.Offset, 100, false, true), (info.ReceivedOffset, info.Priority, info.IsReadOnly, info.IsAnnounced));
        Assert.Equal(ReplicationFailoverState.None, info.FailoverState);
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Replica_HalfARecordReceived_ReceivedIsAheadOfApplied()
    {
        CoreNode node = CoreNode.Master(_time, seed: 4);
        node.Follow(isOrdered: true);
        ReplicationHistory history = node.Core.Data.History;
        var master = new ScriptedMaster(node);
        master.ShakeHands();
        master.Give(new ContinueFrame(history.Id, 0, history.OriginId, []));
        byte[] record = Record();
        master.GiveStream(0, record.AsSpan(0, 10));

        ReplicationInfo info = Info(node);
        Assert.Equal((0, 10, 10), (info.ReplicationOffset, info.ReceivedOffset, info.LagBytes));
        Assert.Contains("slave_read_repl_offset:10\r\nslave_repl_offset:0\r\n", info.ToRedisText(), StringComparison.Ordinal);
        master.GiveStream(10, record.AsSpan(10));
        Assert.Equal((record.Length, record.Length), (Info(node).ReplicationOffset, Info(node).ReceivedOffset));
    }

    [Theory]
    [InlineData(300_000, 0)]
    [InlineData(-300_000, 40)]
    [InlineData(0, 7)]
    public void ClockSkew_OfAReplica_IsThatOfTheClocksWhateverTheWayTakes(long skew, long way)
    {
        CoreNode master = CoreNode.Master(_time);
        var replica = new ScriptedReplica(master);
        replica.BeginStreaming();
        Assert.Null(Assert.Single(Info(master).Replicas).ClockSkew);
        long sent = master.Now.UtcMilliseconds;
        long received = sent + way + skew;
        master.Advance((2 * way) + 500);
        replica.Give(new AckFrame(0, received + 500, sent, 500));

        Assert.Equal(TimeSpan.FromMilliseconds(skew), Assert.Single(Info(master).Replicas).ClockSkew);
    }

    [Fact]
    [Trait("Behaviour", "I4")]
    public void Counters_OfALifeWithFailures_AreAllTold()
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        CoreNode replica = CoreNode.Replica(_time);
        Assert.Equal((null, null), (Info(replica).LastFullSyncReceivedDuration, Info(master).LastFullSyncSentDuration));
        var pair = new CorePair(master, replica);
        while (pair.Link.State != ReplicationLinkState.ReceivingSnapshot)
        {
            pair.Step();
        }

        pair.Break();
        pair = new CorePair(master, replica);
        pair.Between = () => _time.Advance(TimeSpan.FromMilliseconds(1));
        pair.Pump();
        pair.Break();
        pair = new CorePair(master, replica);
        pair.Pump();
        Assert.Throws<ReadOnlyReplicaException>(() => replica.Set("key", "refused"));

        ReplicationInfo info = Info(replica);
        Assert.Equal((1, 1, 2, 1), (info.Reconnects, info.FullSyncsFailed, info.LinkFailures, info.WritesRefused));
        Assert.InRange(info.LastFullSyncReceivedDuration!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        Assert.InRange(Info(master).LastFullSyncSentDuration!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Null(info.MasterClockSkew);
        master.Advance(0);
        pair.Pump();
        Assert.Equal(TimeSpan.Zero, Info(replica).MasterClockSkew);
    }

    [Fact]
    [Trait("Behaviour", "I5")]
    public void Copy_UnderTheGate_CostsTheSameHoweverMuchTheNodeHolds()
    {
        CoreNode small = CoreNode.Master(_time, new NodeSettings { BacklogSize = 64 << 20 });
        CoreNode large = CoreNode.Master(_time, new NodeSettings { BacklogSize = 64 << 20 }, seed: 2);
        foreach (CoreNode node in new[] { small, large })
        {
            new ScriptedReplica(node).BeginStreaming();
        }

        for (int i = 0; i < 20_000; i++)
        {
            large.Set($"key {i}", new byte[500]);
        }

        Assert.Equal(Work(small), Work(large));
    }

    private static long Work(CoreNode node) => AllocatedBytes.LeastOf(() => _ = new ReplicationInfoBuilder(node.Core, node.Now));

    private static byte[] Record()
    {
        var writer = CoreNode.Master(new ManualTimeProvider(), seed: 9);
        StreamCursor cursor = writer.Core.Data.Log.OpenCursor(0);
        writer.Set("key", new byte[50]);
        Assert.True(cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease));
        return lease.Bytes.ToArray();
    }

    private static ReplicationInfo Info(CoreNode node) => new ReplicationInfoBuilder(node.Core, node.Now).Build([]);
}
