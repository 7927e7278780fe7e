using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.IntegrationTests.Processes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>Replicas of replicas.</summary>
public class NodeChainTests
{
    [Fact]
    [Trait("Behaviour", "C1")]
    public void Chain_OfFourProcesses_HasOneIdAndOneOffsetAndAWriteReachesItsEnd()
    {
        using ProcessNode master = ProcessNode.Master();
        using ProcessNode first = ProcessNode.Replica(master.EndPoint, "Listen:0=127.0.0.1:0").WaitForStreaming();
        using ProcessNode second = ProcessNode.Replica(first.EndPoint, "Listen:0=127.0.0.1:0").WaitForStreaming();
        using ProcessNode third = ProcessNode.Replica(second.EndPoint).WaitForStreaming();
        master.Tell("set key 200 100");
        var end = master.Info;

        foreach (ProcessNode node in new[] { first, second, third })
        {
            node.WaitFor(info => (info.Id, info.Offset, info.Digest) == (end.Id, end.Offset, end.Digest), "the write arrives");
        }

        Assert.NotEqual("-", third.Tell("get key 199"));
        Assert.Throws<Xunit.Sdk.StartsWithException>(() => first.Tell("remove key 1"));
        Assert.Equal((1, 1, 1), (master.Info.Replicas, first.Info.Replicas, second.Info.Replicas));
    }

    [Fact]
    [Trait("Behaviour", "C2")]
    public void Middle_LosesItsLinkAndResyncsPartially_TheLeafIsNotDisconnected()
    {
        using TestNode root = TestNode.Master().Fill(100, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(root.EndPoint), seed: 1);
        using TestNode middle = TestNode.Replica(proxy.EndPoint.ToString(), options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode leaf = TestNode.Replica(middle.EndPoint).WaitForStreaming();
        using (var writer = new Writer(root))
        {
            for (int i = 1; i <= 10; i++)
            {
                proxy.ResetAll();
                writer.WaitForMore(root, 20);
                middle.WaitFor(info => info.PartialResyncsCompleted >= i, "it continues");
            }
        }

        leaf.WaitUntilIdenticalTo(root);
        middle.WaitUntilIdenticalTo(root);
        Assert.Equal((1, 0, 0), (leaf.Info.FullSyncsCompleted, leaf.Info.PartialResyncsCompleted, leaf.Peek(core => core.Counters.LinkFailures)));
    }

    [Fact]
    [Trait("Behaviour", "C3")]
    [Trait("Behaviour", "A18")]
    public void Middle_OrderedToAnUnrelatedMaster_TheChainBelowKeepsItsDataAndThenFollows()
    {
        using TestNode oldRoot = TestNode.Master().Fill(300, 100, "old");
        using TestNode newRoot = TestNode.Master().Fill(5_000, 1_000, "new");
        using var proxy = new FaultProxy(HostEndPoint.Parse(newRoot.EndPoint), seed: 1);
        proxy.ToClient.BytesPerSecond = 8 << 20;
        using TestNode middle = TestNode.Replica(oldRoot.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode lower = TestNode.Replica(middle.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode leaf = TestNode.Replica(lower.EndPoint).WaitForStreaming();
        leaf.WaitUntilEqualTo(oldRoot);
        ReplicationId oldId = oldRoot.Info.ReplicationId;
        using Worker reader = Worker.Repeat(_ =>
        {
            ReplicationInfo info = leaf.Info;
            Assert.Equal(info.ReplicationId == oldId ? 300 : 5_000, info.EntryCount);
        });

        middle.Node.ReplicateFrom(proxy.EndPoint.ToString());
        middle.WaitFor(info => info.LinkState == ReplicationLinkState.ReceivingSnapshot, "the middle node loads");
        Assert.Equal((ReplicationLinkState.Streaming, ReplicationLinkState.Streaming), (lower.Info.LinkState, leaf.Info.LinkState));

        leaf.WaitUntilIdenticalTo(newRoot);
        lower.WaitUntilIdenticalTo(newRoot);
        reader.Stop();
        Assert.Null(leaf.Get("old 1"));
        Assert.Equal((0, 0), (middle.Info.SyncPartialOk, lower.Info.SyncPartialOk));
    }

    [Fact]
    [Trait("Behaviour", "C5")]
    public void Leaf_RepointedToTheRoot_ContinuesPartially()
    {
        using TestNode root = TestNode.Master().Fill(300, 100);
        using TestNode first = TestNode.Replica(root.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode second = TestNode.Replica(first.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode third = TestNode.Replica(second.EndPoint).WaitForStreaming();
        using (var writer = new Writer(root))
        {
            writer.WaitForMore(root, 50);
            third.Node.ReplicateFrom(root.EndPoint);
            writer.WaitForMore(root, 50);
        }

        third.WaitForStreaming().WaitUntilIdenticalTo(root);
        Assert.Equal((1, 1), (root.Info.SyncFull, root.Info.SyncPartialOk));
        Assert.Equal((1, 1), (third.Info.FullSyncsCompleted, third.Info.PartialResyncsCompleted));
        second.WaitFor(info => info.Replicas.Count == 0, "the old master has let it go");
    }

    [Fact]
    [Trait("Behaviour", "C7")]
    public void Middle_AppliesSlowlyAndIsPromotedMeanwhile_TheLeafNeverShowsMoreAndContinuesPartially()
    {
        using TestNode root = TestNode.Master();
        using var proxy = new FaultProxy(HostEndPoint.Parse(root.EndPoint), seed: 1);
        using TestNode middle = TestNode.Replica(proxy.EndPoint.ToString(), options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode leaf = TestNode.Replica(middle.EndPoint).WaitForStreaming();
        proxy.ToClient.BytesPerSecond = 64 << 10;
        proxy.ToClient.MaxPiece = 500;
        using Worker reader = Worker.Repeat(_ =>
        {
            // The leaf first: what it shows, the middle node had before.
            long below = leaf.Info.ReplicationOffset;
            Assert.True(below <= middle.Info.ReplicationOffset, "The leaf shows what the middle node has not applied.");
        });
        using (var writer = new Writer(root, size: 2_000))
        {
            writer.WaitForMore(root, 200);
            middle.WaitFor(info => info.ReplicationOffset > 10_000, "it has applied something");
            Assert.True(middle.Info.ReplicationOffset < root.Info.ReplicationOffset, "The middle node is not slow.");
            middle.Node.Promote(new PromotionOptions());
        }

        middle.Set("after", [1]);
        leaf.WaitUntilIdenticalTo(middle);
        reader.Stop();
        Assert.Equal((1, 0), (middle.Info.SyncFull, middle.Info.SyncPartialErr));
        Assert.Equal((1, ReplicationLinkState.Streaming), (leaf.Info.FullSyncsCompleted, leaf.Info.LinkState));
        Assert.Equal(0, leaf.Peek(core => core.Counters.LinkFailures));
    }
}
