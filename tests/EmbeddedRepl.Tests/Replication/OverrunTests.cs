using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class OverrunTests
{
    private const int Block = StreamBlockPool.DefaultBlockSize;
    private const int Record = 1_010;

    private static readonly NodeSettings Small = new()
    {
        BacklogSize = 64 << 10,
        ReplicaOutputLimit = 256 << 10,
        ReplicaOutputSoftLimit = 128 << 10,
        ReplicaOutputSoftTime = 10_000,
    };

    [Fact]
    [Trait("Behaviour", "G5")]
    public void Append_ReplicaThatTakesNothing_IsDroppedAtTheLimitAndItsMemoryFreed()
    {
        CoreNode master = Attach(Small, out ScriptedReplica replica);
        long pending = 0;
        while (!replica.Session.IsClosed)
        {
            pending = replica.Session.PendingBytes;
            Assert.InRange(master.Core.Data.Log.RetainedBytes, 0, Small.ReplicaOutputLimit + Record + (2 * Block));
            Write(master, 1_000);
        }

        // Closed by the first write that left more than the limit unsent, that write itself not counted.
        Assert.InRange(pending, Small.ReplicaOutputLimit - Record, Small.ReplicaOutputLimit + Record);
        Assert.Equal(CloseReason.Overrun, replica.Session.ClosedFor);
        Assert.Equal(1, master.Counters.OutputLimitDisconnects);
        Assert.Equal(ErrorCode.Overrun, replica.TakeOne<ErrorFrame>().Code);
        Write(master, 1_000);
        Assert.InRange(master.Core.Data.Log.RetainedBytes, 0, Small.BacklogSize + (2 * Block));
    }

    [Fact]
    [Trait("Behaviour", "B11")]
    public void Append_LimitBelowTheBacklog_DropsNobodyWhomTheBacklogWouldBringBack()
    {
        CoreNode master = Attach(Small with { BacklogSize = 1 << 20, ReplicaOutputLimit = 64 << 10 }, out ScriptedReplica replica);
        for (int i = 0; i < 1_000; i++)
        {
            Write(master, 1_000);
        }

        master.Advance(1);
        Assert.False(replica.Session.IsClosed);
        Assert.InRange(replica.Session.PendingBytes, 1_000_000, 1 << 20);
    }

    [Fact]
    [Trait("Behaviour", "B11")]
    public void Pair_LimitsBelowTheBacklog_ReplicaThatReturnsCatchesUpWithoutBeingDroppedAgain()
    {
        var settings = new NodeSettings
        {
            BacklogSize = 1 << 20,
            ReplicaOutputLimit = 64 << 10,
            ReplicaOutputSoftLimit = 32 << 10,
            ReplicaOutputSoftTime = 1_000,
        };
        var time = new ManualTimeProvider();
        CoreNode master = CoreNode.Master(time, settings);
        CoreNode replica = CoreNode.Replica(time, settings);
        var first = new CorePair(master, replica);
        first.Pump();
        first.Break();
        for (int i = 0; i < 1_000; i++)
        {
            Write(master, 1_000);
        }

        // It comes back with nearly the whole backlog before it, takes that slowly, and the writes go on meanwhile.
        replica.Advance(1_000);
        var second = new CorePair(master, replica, seed: 1);
        for (int i = 0; replica.Offset < master.Offset; i++)
        {
            Assert.False(second.Session.IsClosed, $"Dropped in step {i}: {second.Session.CloseMessage}");
            second.Step();
            replica.Advance(200);
            master.Core.Tick(master.Now);
            if (i < 10)
            {
                Write(master, 1_000);
            }
        }

        Assert.Equal((1, 1, 0), (master.Counters.SyncFull, master.Counters.SyncPartialOk, master.Counters.OutputLimitDisconnects));
        Assert.Equal(master.Digest, replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "B12")]
    public void Append_OneRecordLargerThanTheLimit_IsDelivered()
    {
        CoreNode master = Attach(Small, out ScriptedReplica replica);
        Write(master, 3 << 20);
        Assert.False(replica.Session.IsClosed);

        long received = replica.Take().Where(frame => frame.Type == FrameType.StreamChunk).Sum(frame => frame.Payload.Length - sizeof(long));
        Assert.Equal(master.Offset, received);
    }

    [Fact]
    [Trait("Behaviour", "B12")]
    public void Tick_OneRecordLargerThanTheSoftLimitOnASlowLink_IsNotDropped()
    {
        // Dropping it would begin the same record anew, for ever.
        CoreNode master = Attach(Small, out ScriptedReplica replica);
        Write(master, 3 << 20);
        for (int i = 0; i < 30; i++)
        {
            master.Advance(1_000);
            replica.Give(new AckFrame(0, 0, 0, 0));
        }

        Assert.False(replica.Session.IsClosed);
    }

    [Fact]
    [Trait("Behaviour", "G5")]
    public void Tick_OverTheSoftLimitForTooLong_IsDroppedAtTheTimeAndNotBefore()
    {
        CoreNode master = Attach(Small, out ScriptedReplica replica);
        WriteUntil(master, replica, Small.ReplicaOutputSoftLimit + (2 * Record));
        master.Advance(1);
        master.Advance(9_999);
        Assert.False(replica.Session.IsClosed);

        master.Advance(1);
        Assert.Equal(CloseReason.Overrun, replica.Session.ClosedFor);
    }

    [Fact]
    public void Tick_BackUnderTheSoftLimitInBetween_BeginsToCountAnew()
    {
        CoreNode master = Attach(Small, out ScriptedReplica replica);
        WriteUntil(master, replica, Small.ReplicaOutputSoftLimit + (2 * Record));
        master.Advance(1);
        master.Advance(9_000);
        replica.Take();
        master.Advance(1);
        WriteUntil(master, replica, Small.ReplicaOutputSoftLimit + (2 * Record));
        master.Advance(9_000);

        Assert.False(replica.Session.IsClosed);
    }

    [Fact]
    [Trait("Behaviour", "B12")]
    public void Pair_ValueLargerThanBacklogAndLimit_ReachesTheReplicaWithoutASecondSync()
    {
        var time = new ManualTimeProvider();
        CoreNode master = CoreNode.Master(time, Small);
        CoreNode replica = CoreNode.Replica(time);
        var pair = new CorePair(master, replica) { PieceSize = 10_000 };
        pair.Pump();
        byte[] value = new byte[2 << 20];
        new Random(1).NextBytes(value);
        master.Set("large", value);
        pair.Pump();

        Assert.Equal(value, replica.Get("large"));
        Assert.Equal((1, 0), (master.Counters.SyncFull, master.Counters.OutputLimitDisconnects));
    }

    [Fact]
    [Trait("Behaviour", "B9")]
    public void ThreeSlowReplicas_RetainTheStreamOfOne()
    {
        CoreNode one = Attach(Small, out _);
        CoreNode three = Attach(Small, out _);
        new ScriptedReplica(three).BeginStreaming();
        new ScriptedReplica(three).BeginStreaming();
        for (int i = 0; i < 200; i++)
        {
            Write(one, 1_000);
            Write(three, 1_000);
        }

        Assert.Equal(one.Core.Data.Log.RetainedBytes, three.Core.Data.Log.RetainedBytes);
        Assert.Equal(3, three.Core.Sessions.Count);
    }

    private static CoreNode Attach(NodeSettings settings, out ScriptedReplica replica)
    {
        CoreNode master = CoreNode.Master(new ManualTimeProvider(), settings);
        replica = new ScriptedReplica(master);
        replica.BeginStreaming();
        return master;
    }

    private static void Write(CoreNode master, int size) => master.Set("key", new byte[size]);

    private static void WriteUntil(CoreNode master, ScriptedReplica replica, long pending)
    {
        while (replica.Session.PendingBytes < pending)
        {
            Write(master, 1_000);
        }
    }
}
