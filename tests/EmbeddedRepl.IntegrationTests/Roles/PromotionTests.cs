using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>Promotion, and what becomes of the others, on real sockets.</summary>
public class PromotionTests
{
    private static readonly PromotionOptions Unconditional = new();

    [Fact]
    [Trait("Behaviour", "D1")]
    [Trait("Behaviour", "D2")]
    public void Promote_SiblingAndOldMasterRepoint_ContinuePartiallyUnderTheNewId()
    {
        using TestNode master = Listening().Fill(1_000, 100);
        using TestNode promoted = Follower(master);
        using TestNode sibling = Follower(master);
        promoted.WaitUntilEqualTo(master);
        sibling.WaitUntilEqualTo(master);
        (ReplicationId old, long end) = (master.Info.ReplicationId, master.Info.ReplicationOffset);

        promoted.Node.Promote(Unconditional);
        promoted.Set("after", [1]);
        sibling.Node.ReplicateFrom(promoted.EndPoint);
        master.Node.ReplicateFrom(promoted.EndPoint);

        sibling.WaitForStreaming().WaitUntilIdenticalTo(promoted);
        master.WaitForStreaming().WaitUntilIdenticalTo(promoted);
        Assert.Equal((old, end), (promoted.Info.PreviousReplicationId, promoted.Info.PreviousReplicationIdEnd));
        Assert.NotEqual(old, promoted.Info.ReplicationId);
        Assert.Equal((0, 2, 0), (promoted.Info.SyncFull, promoted.Info.SyncPartialOk, promoted.Info.SyncPartialErr));
        Assert.Equal((0, 1), (master.Info.FullSyncsCompleted, master.Info.PartialResyncsCompleted));
        Assert.Equal(0, master.Info.DiscardedBytes);
        Assert.Throws<ReadOnlyReplicaException>(() => master.Set("k", [1]));
    }

    [Fact]
    [Trait("Behaviour", "D3")]
    public void Promote_OldMasterWroteOn_TakesAFullSyncAndReportsWhatIsGone()
    {
        using var log = new TraceLog();
        using TestNode master = Listening(log).Fill(500, 100);
        using TestNode promoted = Follower(master);
        promoted.WaitUntilEqualTo(master);
        promoted.Node.Promote(Unconditional);
        long end = master.Info.ReplicationOffset;
        master.Set("extra", new byte[200]);
        long extra = master.Info.ReplicationOffset - end;

        master.Node.ReplicateFrom(promoted.EndPoint);

        master.WaitForStreaming().WaitUntilIdenticalTo(promoted);
        Assert.Null(master.Get("extra"));
        Assert.Equal((1, 1), (promoted.Info.SyncFull, promoted.Info.SyncPartialErr));
        Assert.Equal(extra, master.Info.DiscardedBytes);
        Assert.True(log.Contains("Warning 1509", $"{extra} bytes"), log.Text);
    }

    [Fact]
    [Trait("Behaviour", "D4")]
    public void Promote_InTheMiddleOfAFullSync_KeepsTheOwnOldDataAndANodeWithoutAnyNeedsForce()
    {
        using TestNode master = TestNode.Master().Fill(20_000, 1_000);
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 1);
        proxy.ToClient.BytesPerSecond = 4 << 20;
        using TestNode node = TestNode.Master().Fill(10, 10, "own");
        (ReplicationId id, string digest) = (node.Info.ReplicationId, node.Info.Digest);
        node.Node.ReplicateFrom(proxy.EndPoint.ToString());
        using TestNode empty = TestNode.Replica(proxy.EndPoint.ToString());
        node.WaitFor(info => info.LinkState == ReplicationLinkState.ReceivingSnapshot, "the full sync has begun");

        node.Node.Promote(Unconditional);
        Assert.Equal((ReplicationRole.Master, id, digest, 10L), (node.Info.Role, node.Info.PreviousReplicationId, node.Info.Digest, node.Info.EntryCount));
        node.Set("own 1", [1]);
        Assert.Throws<ReplicatedCacheException>(() => empty.Node.Promote(Unconditional));
        Assert.Equal(ReplicationRole.Replica, empty.Info.Role);
        empty.Node.Promote(new PromotionOptions { Force = true });
        empty.Set("k", [1]);
        Assert.Equal((ReplicationRole.Master, true, 1L), (empty.Info.Role, empty.Info.IsReady, empty.Info.EntryCount));
    }

    [Fact]
    [Trait("Behaviour", "D5")]
    public void Promote_OnlyAtAnOffset_UnderWritesIsDoneExactlyThereOrNotAtAll()
    {
        using TestNode master = TestNode.Master();
        using TestNode replica = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using var writer = new Writer(master);
        ReplicationInfo seen;
        while (true)
        {
            seen = replica.Info;
            try
            {
                replica.Node.Promote(new PromotionOptions { OnlyAtOffset = seen.ReplicationOffset, OnlyOfId = seen.ReplicationId });
                break;
            }
            catch (PromotionRefusedException exception)
            {
                Assert.True(exception.ReplicationOffset > seen.ReplicationOffset);
                Assert.Equal(ReplicationRole.Replica, replica.Info.Role);
            }

            writer.WaitForMore(master, 1);
        }

        Assert.Equal((seen.ReplicationId, seen.ReplicationOffset), (replica.Info.PreviousReplicationId, replica.Info.PreviousReplicationIdEnd));
        Assert.Equal(seen.ReplicationOffset, replica.Info.ReplicationOffset);
        Assert.Throws<PromotionRefusedException>(
            () => replica.Node.Promote(new PromotionOptions { OnlyAtOffset = seen.ReplicationOffset + 1 }));
    }

    [Fact]
    [Trait("Behaviour", "E8")]
    public void Promote_ReplicaWithExpiredEntries_RemovesThemThroughItsStream()
    {
        var clock = new SettableClock(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using TestNode master = TestNode.Master(time: clock);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => options.Listen.Add("127.0.0.1:0"), time: clock).WaitForStreaming();
        using TestNode leaf = TestNode.Replica(replica.EndPoint, time: clock).WaitForStreaming();
        master.Set("short", [1], relative: TimeSpan.FromMinutes(1));
        master.Set("long", [1]);
        leaf.WaitUntilEqualTo(master);
        master.Dispose();
        clock.Now = clock.Now.AddMinutes(2);
        replica.WaitFor(info => info.LinkDownSince is not null, "the master is gone");
        Assert.Equal((2L, 2L), (replica.Info.EntryCount, leaf.Info.EntryCount));

        replica.Node.Promote(Unconditional);

        leaf.WaitFor(info => info.EntryCount == 1, "the deletion arrives");
        leaf.WaitUntilIdenticalTo(replica);
        Assert.NotNull(leaf.Get("long"));
    }

    private static TestNode Listening(TraceLog? log = null) => TestNode.Master(loggers: log);

    private static TestNode Follower(TestNode master) =>
        TestNode.Replica(master.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
}
