using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>Orders to follow: right ones, wrong ones, many of them.</summary>
[Collection(AloneCollection.Name)]
public class RunTimeOrderTests
{
    [Fact]
    [Trait("Behaviour", "A14")]
    public void Node_OrderedToFollowItselfOrWhatFollowsIt_IsRefusedAndItsDataUntouched()
    {
        using TestNode node = TestNode.Master().Fill(100, 100);
        using TestNode replica = TestNode.Replica(node.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode leaf = TestNode.Replica(replica.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        leaf.WaitUntilEqualTo(node);
        string digest = node.Info.Digest;

        // By an address of its own that is not among those that it listens on.
        using var alias = new FaultProxy(HostEndPoint.Parse(node.EndPoint), seed: 1);
        foreach (string target in new[] { alias.EndPoint.ToString(), replica.EndPoint, leaf.EndPoint })
        {
            node.Node.ReplicateFrom(target);
            node.WaitFor(info => info.LinkDownReason?.Contains("cycle", StringComparison.OrdinalIgnoreCase) == true, "the cycle is found");
            Assert.Equal((digest, 100L, ReplicationRole.Replica), (node.Info.Digest, node.Info.EntryCount, node.Info.Role));
            node.Node.Promote(new PromotionOptions());
        }

        node.Set("k", [1]);
        leaf.WaitUntilEqualTo(node);
    }

    [Fact]
    [Trait("Behaviour", "A14")]
    public void ThreeNodes_OrderedIntoACircle_FindItAndHealWhenOneIsPromoted()
    {
        using TestNode first = TestNode.Master().Fill(100, 100);
        using TestNode second = TestNode.Replica(first.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode third = TestNode.Replica(second.EndPoint, options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        third.WaitUntilEqualTo(first);
        TestNode[] nodes = [first, second, third];
        first.Node.ReplicateFrom(third.EndPoint);
        second.Node.ReplicateFrom(first.EndPoint);
        third.Node.ReplicateFrom(second.EndPoint);

        TestNode.Wait(
            () => nodes.Any(node => node.Info.LinkDownReason?.Contains("cycle", StringComparison.OrdinalIgnoreCase) == true), () => "the cycle is found");
        Assert.All(nodes, node => Assert.Equal(100, node.Info.EntryCount));
        third.Node.Promote(new PromotionOptions());
        third.Set("k", [1]);

        Assert.All(nodes, node => node.WaitUntilEqualTo(third));
    }

    [Fact]
    [Trait("Behaviour", "A15")]
    public void Replication_StartedAndCancelled200Times_LeaksNothingAndTheLastCommandWins()
    {
        using TestNode first = TestNode.Master().Fill(2_000, 100, "first");
        using TestNode second = TestNode.Master().Fill(10, 100, "second");
        using TestNode node = TestNode.Master();
        using TestNode leaf = TestNode.Replica(node.EndPoint).WaitForStreaming();
        (int threads, int sockets) = (ProcessResources.Threads, ProcessResources.Sockets);
        for (int i = 0; i < 200; i++)
        {
            node.Node.ReplicateFrom(i % 3 == 0 ? second.EndPoint : first.EndPoint);
            if (i % 4 == 0)
            {
                node.WaitFor(info => info.LinkState != ReplicationLinkState.Disconnected, "it tries");
            }

            node.Node.Promote(new PromotionOptions { Force = true });
        }

        node.Node.ReplicateFrom(second.EndPoint);

        node.WaitForStreaming().WaitUntilIdenticalTo(second);
        leaf.WaitUntilIdenticalTo(second);
        TestNode.Wait(
            () => first.Info.Replicas.Count == 0 && ProcessResources.Threads <= threads + 4 && ProcessResources.Sockets <= sockets + 2,
            () => $"{ProcessResources.Threads} threads and {ProcessResources.Sockets} sockets are left, {threads} and {sockets} were there before the last link");
    }

    [Fact]
    [Trait("Behaviour", "B14")]
    public void SyncWithASecondMaster_FailsBeforeDataArrives_ContinuesPartiallyWithTheFirst()
    {
        using TestNode first = TestNode.Master().Fill(1_000, 100);
        using TestNode second = TestNode.Master().Fill(5_000, 1_000);
        using var proxy = new FaultProxy(HostEndPoint.Parse(second.EndPoint), seed: 1);
        proxy.ToClient.BytesPerSecond = 100 << 10;
        proxy.ToClient.ResetAt = 3_000;
        using TestNode node = TestNode.Replica(first.EndPoint).WaitForStreaming();
        node.WaitUntilEqualTo(first);

        node.Node.ReplicateFrom(proxy.EndPoint.ToString());
        node.WaitFor(info => proxy.Statistics.Resets > 0 && info.LinkDownReason is not null, "the sync with the second master fails");
        proxy.IsRefusing = true;
        first.Set("meanwhile", [1]);
        node.Node.ReplicateFrom(first.EndPoint);

        node.WaitForStreaming().WaitUntilIdenticalTo(first);
        Assert.Equal((1, 1, 0), (first.Info.SyncFull, first.Info.SyncPartialOk, first.Info.SyncPartialErr));
        Assert.Equal(1, node.Info.FullSyncsCompleted);
    }

    [Fact]
    [Trait("Behaviour", "B13")]
    [Trait("Behaviour", "C6")]
    public void MiddleNode_OwnLinkDown_AnswersNotNowKeepsWhomItHasAndServesAgainWhenItIsBack()
    {
        using TestNode root = TestNode.Master().Fill(500, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(root.EndPoint), seed: 1);
        using TestNode middle = TestNode.Replica(proxy.EndPoint.ToString(), options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode attached = TestNode.Replica(middle.EndPoint).WaitForStreaming();
        proxy.IsRefusing = true;
        proxy.ResetAll();
        middle.WaitFor(info => info.LinkDownSince is not null, "the link is down");

        using TestNode late = TestNode.Replica(middle.EndPoint);
        late.WaitFor(info => info.LinkDownReason?.Contains("OwnLinkDown", StringComparison.Ordinal) == true, "not now");
        long failures = late.Peek(core => core.Counters.LinkFailures);
        late.WaitUntil(() => late.Peek(core => core.Counters.LinkFailures) >= failures + 3, () => "it keeps asking");
        Assert.Equal((false, ReplicationLinkState.Streaming, 1), (late.Info.IsReady, attached.Info.LinkState, middle.Info.SyncFull));
        root.Set("meanwhile", [1]);
        proxy.IsRefusing = false;

        late.WaitForStreaming().WaitUntilIdenticalTo(root);
        attached.WaitUntilIdenticalTo(root);
        Assert.Equal((1, 1), (attached.Info.FullSyncsCompleted, late.Info.FullSyncsCompleted));
        Assert.Equal(1, root.Info.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "B6")]
    public void Replica_AheadOfTheMiddleNodeItTurnsTo_WaitsAndNeverGoesBackwards()
    {
        using TestNode root = TestNode.Master().Fill(500, 100);
        using var proxy = new FaultProxy(HostEndPoint.Parse(root.EndPoint), seed: 1);
        using TestNode middle = TestNode.Replica(proxy.EndPoint.ToString(), options => options.Listen.Add("127.0.0.1:0")).WaitForStreaming();
        using TestNode ahead = TestNode.Replica(root.EndPoint).WaitForStreaming();
        middle.WaitUntilEqualTo(root);
        proxy.IsRefusing = true;
        proxy.ResetAll();
        root.Set("further on", [1]);
        ahead.WaitUntilEqualTo(root);
        long offset = ahead.Info.ReplicationOffset;

        ahead.Node.ReplicateFrom(middle.EndPoint);
        ahead.WaitFor(info => info.LinkDownReason?.Contains("Lagging", StringComparison.Ordinal) == true, "not now");
        Assert.Equal(offset, ahead.Info.ReplicationOffset);
        Assert.NotNull(ahead.Get("further on"));
        proxy.IsRefusing = false;

        ahead.WaitForStreaming().WaitUntilIdenticalTo(root);
        Assert.Equal((1, 1), (ahead.Info.FullSyncsCompleted, ahead.Info.PartialResyncsCompleted));
    }
}
