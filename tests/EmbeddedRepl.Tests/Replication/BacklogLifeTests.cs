using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class BacklogLifeTests
{
    private const int Block = StreamBlockPool.DefaultBlockSize;
    private static readonly NodeSettings Settings = new() { BacklogTimeToLive = 10_000, BacklogSize = 1 << 20 };

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [Trait("Behaviour", "B4")]
    [InlineData(true)]
    [InlineData(false)]
    public void TimeToLive_PassesWithoutReplica_OnlyWhoIsExactlyCurrentContinues(bool isCurrent)
    {
        CoreNode master = CoreNode.Master(_time, Settings);
        CoreNode replica = CoreNode.Replica(_time, Settings);
        Fill(master, 500_000);
        var pair = new CorePair(master, replica);
        pair.Pump();
        if (!isCurrent)
        {
            master.Set("missed", "value");
        }

        ReplicationId id = master.Core.Data.History.Id;
        pair.Break();
        master.Advance(50);
        master.Advance(9_950);
        Assert.NotEqual(master.Offset, master.Core.Data.Log.FirstOffset);
        master.Advance(50);

        Assert.Equal((id, master.Offset, 0), (master.Core.Data.History.Id, master.Core.Data.Log.FirstOffset, master.Core.Data.Log.RetainedBytes));
        Assert.InRange(master.Core.StreamBlocks.FreeBlocks, 0, 4);
        Assert.Single(master.Events.Lines, line => line == $"BacklogReleased {master.Offset}");
        new CorePair(master, replica).Pump();
        Assert.Equal(isCurrent ? (1, 1, 0) : (2, 0, 1), (master.Counters.SyncFull, master.Counters.SyncPartialOk, master.Counters.SyncPartialErr));
        Assert.Equal((master.Digest, master.Offset), (replica.Digest, replica.Offset));
    }

    [Fact]
    [Trait("Behaviour", "B4")]
    public void Released_AndWrittenTo_KeepsNothingUntilAReplicaIsBack()
    {
        CoreNode master = CoreNode.Master(_time, Settings);
        master.Advance(50);
        master.Advance(10_000);
        Fill(master, 500_000);
        master.Advance(50);
        Assert.Equal((master.Offset, 0), (master.Core.Data.Log.FirstOffset, master.Core.Data.Log.RetainedBytes));

        CoreNode replica = CoreNode.Replica(_time, Settings);
        var pair = new CorePair(master, replica);
        pair.Pump();
        long attachedAt = master.Offset;
        Fill(master, 100_000);
        pair.Pump();
        master.Advance(50);
        Assert.Equal(attachedAt, master.Core.Data.Log.FirstOffset);
        pair.Break();
        master.Set("missed", "value");
        master.Advance(50);
        new CorePair(master, replica).Pump();

        Assert.Equal((1, 1), (master.Counters.SyncFull, master.Counters.SyncPartialOk));
        Assert.Equal(master.Digest, replica.Digest);
    }

    [Fact]
    public void Replica_WithoutSubReplicas_NeverReleasesAndStartsToCountAtItsPromotion()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings());
        CoreNode replica = CoreNode.Replica(_time, Settings);
        var pair = new CorePair(master, replica);
        pair.Pump();
        Fill(master, 100_000);
        pair.Pump();
        long first = replica.Core.Data.Log.FirstOffset;
        replica.Advance(100_000);
        Assert.Equal(first, replica.Core.Data.Log.FirstOffset);

        replica.Core.Promote(force: false, replica.Now);
        replica.Advance(50);
        replica.Advance(9_999);
        Assert.Equal(first, replica.Core.Data.Log.FirstOffset);
        replica.Advance(1);
        Assert.Equal(replica.Offset, replica.Core.Data.Log.FirstOffset);
    }

    [Fact]
    public void TimeToLive_OfZero_NeverReleases()
    {
        CoreNode master = CoreNode.Master(_time, Settings with { BacklogTimeToLive = 0 });
        Fill(master, 100_000);
        master.Advance(50);
        master.Advance(1_000_000_000);

        Assert.Equal(0, master.Core.Data.Log.FirstOffset);
    }

    [Fact]
    [Trait("Behaviour", "B10")]
    public void SlowReplica_PinsMoreThanTheBacklog_AnotherContinuesFromThereAndTheMemoryGoesWithTheSlowOne()
    {
        NodeSettings settings = new() { BacklogSize = 2 * Block };
        CoreNode master = CoreNode.Master(_time, settings);
        CoreNode away = CoreNode.Replica(_time, settings);
        var pair = new CorePair(master, away);
        pair.Pump();
        var slow = new ScriptedReplica(master);
        slow.BeginStreaming();
        pair.Break();
        Fill(master, 20 * Block);
        long pinned = master.Core.Data.Log.PinnedBytes;

        Assert.InRange(pinned, 18 * Block, 19 * Block);
        Assert.InRange(master.Core.Data.Log.RetainedBytes, 20 * Block, 22 * Block);
        new CorePair(master, away).Pump();
        Assert.Equal((1, 2), (master.Counters.SyncFull, master.Counters.SyncPartialOk));
        Assert.Equal(master.Digest, away.Digest);

        slow.Session.Close(CloseReason.ConnectionLost, "gone", master.Now);
        Assert.Equal(0, master.Core.Data.Log.PinnedBytes);
        Assert.InRange(master.Core.Data.Log.RetainedBytes, 2 * Block, 4 * Block);
    }

    [Fact]
    public void Resize_WhileReplicasStream_ShrinksAndGrowsTheWindowAndMovesNobody()
    {
        CoreNode master = CoreNode.Master(_time, Settings);
        CoreNode replica = CoreNode.Replica(_time, Settings);
        var pair = new CorePair(master, replica);
        pair.Pump();
        var slow = new ScriptedReplica(master);
        slow.BeginStreaming();
        Fill(master, 500_000);
        slow.Take();
        pair.Pump();

        master.Core.ResizeBacklog(Block);
        Assert.Equal(master.Offset - Block, master.Core.Data.Log.FirstOffset);
        Assert.InRange(master.Core.Data.Log.RetainedBytes, Block, 3 * Block);
        master.Core.ResizeBacklog(4 << 20);
        long first = master.Core.Data.Log.FirstOffset;
        Fill(master, 300_000);
        pair.Pump();

        Assert.Equal(first, master.Core.Data.Log.FirstOffset);
        Assert.Equal((4 << 20, false, false), (master.Core.Data.Log.BacklogSize, pair.Session.IsClosed, slow.Session.IsClosed));
        Assert.Equal(master.Digest, replica.Digest);
    }

    [Fact]
    public void Resize_DuringAFullSync_HoldsForTheDataThatIsLoaded()
    {
        CoreNode master = CoreNode.Master(_time, Settings);
        Fill(master, 300_000);
        CoreNode replica = CoreNode.Replica(_time, Settings);
        var pair = new CorePair(master, replica);
        while (pair.Link.Load is null)
        {
            pair.Step();
        }

        replica.Core.ResizeBacklog(2 << 20);
        pair.Pump();

        Assert.Equal((ReplicationLinkState.Streaming, 2 << 20), (pair.Link.State, replica.Core.Data.Log.BacklogSize));
    }

    private static void Fill(CoreNode node, int bytes)
    {
        for (int i = 0; i < bytes; i += 1_000)
        {
            node.Set($"key {i}", new byte[1_000]);
        }
    }
}
