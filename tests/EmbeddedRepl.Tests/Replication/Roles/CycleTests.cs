using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Roles;

/// <summary>Who follows whom is known all the way up, at every moment: legal orders are never taken for a cycle, and a cycle never stays.</summary>
[Trait("Behaviour", "A14")]
public sealed class CycleTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _root;
    private readonly CoreNode _middle;
    private readonly CoreNode _leaf;
    private readonly CorePair _upper;
    private readonly CorePair _lower;

    public CycleTests()
    {
        _root = CoreNode.Master(_time);
        _root.Set("key", "value");
        _middle = CoreNode.Replica(_time);
        _leaf = CoreNode.Replica(_time, seed: 3);
        _upper = new CorePair(_root, _middle);
        _upper.Pump();
        _lower = new CorePair(_middle, _leaf);
        _lower.Pump();
    }

    [Fact]
    public void Upstream_OfTheLeaf_IsTheWholeWayToTheRoot() =>
        Assert.Equal([_middle.Core.RunId, _root.Core.RunId], _leaf.Core.KnownUpstreamRunIds);

    [Fact]
    public void Promote_Middle_TheLeafLearnsThatNobodyIsAboveIt()
    {
        _middle.Core.Promote(force: false, _middle.Now);
        _lower.Pump();

        Assert.Equal([_middle.Core.RunId], _leaf.Core.KnownUpstreamRunIds);
    }

    [Fact]
    public void OldRoot_OrderedToFollowTheLeafOfThePromotedOne_IsNoCycleAndContinues()
    {
        // The leaf's link never broke, so all it knows of those above it is what it was told since.
        _middle.Core.Promote(force: false, _middle.Now);
        _lower.Pump();
        _root.Follow(isOrdered: true);
        new CorePair(_leaf, _root).Pump();

        Assert.True(_root.Core.IsLinkUp);
        Assert.Equal(0, _leaf.Counters.HandshakesRefused);
        Assert.Equal([_leaf.Core.RunId, _middle.Core.RunId], _root.Core.KnownUpstreamRunIds);
    }

    [Fact]
    public void Root_Demoted_TheWholeChainLearnsWhoIsAboveIt()
    {
        CoreNode top = CoreNode.Master(_time, seed: 9);
        _root.Follow(isOrdered: true);
        new CorePair(top, _root).Pump();

        // The chain below was closed by the swap. Until it is back, it keeps what it knew.
        new CorePair(_root, _middle).Pump();
        new CorePair(_middle, _leaf).Pump();
        Assert.Equal([_middle.Core.RunId, _root.Core.RunId, top.Core.RunId], _leaf.Core.KnownUpstreamRunIds);
        top.Follow(isOrdered: true);
        var closing = new CorePair(_leaf, top);
        closing.Pump();
        Assert.Equal(CloseReason.HandshakeRefused, closing.Session.ClosedFor);
    }

    [Fact]
    public void ThreeNodes_OrderedIntoACircleAtTheSameMoment_FindItAndKeepTheirData()
    {
        CoreNode[] nodes = [_root, _middle, _leaf];
        CorePair[] circle = OrderIntoACircle(nodes);
        for (int i = 0; i < 100; i++)
        {
            // In step, so that each is asked before it has heard of anything.
            foreach (CorePair pair in circle)
            {
                pair.Step();
            }
        }

        Assert.Contains(nodes, node => !node.Core.IsLinkUp);
        Assert.Contains(nodes, node => node.Core.Upstream!.DownReason?.Contains("cycle", StringComparison.Ordinal) == true);
        Assert.All(nodes, node => Assert.Equal("value", node.GetText("key")));
    }

    [Fact]
    public void ThreeNodes_CircleThatClosedBeforeTheNewsWentRound_IsFoundAndOpened()
    {
        CoreNode[] nodes = [_root, _middle, _leaf];
        CorePair[] circle = OrderIntoACircle(nodes);
        foreach (CorePair pair in circle)
        {
            // One after the other, so that nobody hears yet what those did who came later.
            pair.Pump();
        }

        Assert.All(nodes, node => Assert.True(node.Core.IsLinkUp));
        for (int round = 0; round < nodes.Length; round++)
        {
            foreach (CorePair pair in circle)
            {
                pair.Pump();
            }
        }

        Assert.Contains(nodes, node => !node.Core.IsLinkUp);
        Assert.Contains(circle, pair => pair.Link.ClosedFor == CloseReason.HandshakeRefused);
    }

    [Fact]
    public void ThreeNodes_InACircleWithAllLinksDown_StillRefuseEachOther()
    {
        CoreNode[] nodes = [_root, _middle, _leaf];
        CorePair[] circle = OrderIntoACircle(nodes);
        for (int round = 0; round < 100; round++)
        {
            foreach (CorePair pair in circle)
            {
                pair.Step();
            }
        }

        foreach (CorePair pair in circle)
        {
            pair.Break();
        }

        // Whoever is asked first knows what it knew.
        int streaming = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            var again = new CorePair(nodes[(i + 1) % 3], nodes[i]);
            again.Pump();
            streaming += nodes[i].Core.IsLinkUp ? 1 : 0;
        }

        Assert.InRange(streaming, 0, 2);
    }

    [Fact]
    public void ThreeNodesWithoutData_InACircle_FindItByTheirAnswersNotNow()
    {
        CoreNode[] nodes = [CoreNode.Replica(_time, seed: 11), CoreNode.Replica(_time, seed: 12), CoreNode.Replica(_time, seed: 13)];
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < nodes.Length; i++)
            {
                new CorePair(nodes[(i + 1) % 3], nodes[i]).Pump();
            }
        }

        Assert.Contains(nodes, node => node.Core.Upstream!.DownReason?.Contains("cycle", StringComparison.OrdinalIgnoreCase) == true);
    }

    [Fact]
    public void Circle_BrokenByAPromotion_HealsWithoutFurtherOrders()
    {
        CoreNode[] nodes = [_root, _middle, _leaf];
        CorePair[] circle = OrderIntoACircle(nodes);
        for (int round = 0; round < 100; round++)
        {
            foreach (CorePair pair in circle)
            {
                pair.Step();
            }
        }

        foreach (CorePair pair in circle)
        {
            pair.Break();
        }

        _leaf.Core.Promote(force: false, _leaf.Now);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            // The old root follows the middle node, that one the leaf.
            ConnectIfDown(_middle, _root);
            ConnectIfDown(_leaf, _middle);
        }

        Assert.True(_root.Core.IsLinkUp && _middle.Core.IsLinkUp);
    }

    [Fact]
    public void UpstreamChanged_PeerWithoutTheCapability_IsNotSent()
    {
        var old = new ScriptedReplica(_middle);
        var hello = new HelloFrame(ProtocolVersion.Major, ProtocolVersion.Minor, Capabilities.None, Capabilities.None, new byte[ProtocolLimits.NonceSize]);
        old.Give(hello);
        old.Give(new AuthenticateFrame(Array.Empty<byte>()));
        old.Give(new IdentifyFrame("default", CoreNode.RunIdOf(50), 65_000, 64 << 20, null, 0));
        old.Ask(_middle.Core.Data.History, _middle.Offset);
        old.Take();
        _middle.Core.Promote(force: false, _middle.Now);

        Assert.DoesNotContain(old.Take(), frame => frame.Type == FrameType.UpstreamChanged);
    }

    [Fact]
    public void OldRoot_OrderedToFollowALeafThatCannotBeToldOfThePromotion_IsNoCycleAndContinues()
    {
        CoreNode old = CoreNode.Replica(_time, new NodeSettings { OfferedCapabilities = HandshakeRules.Offered & ~Capabilities.UpstreamUpdates }, seed: 4);
        var link = new CorePair(_middle, old);
        link.Pump();
        _middle.Core.Promote(force: false, _middle.Now);
        _middle.Core.Tick(_middle.Now);
        link.Pump();

        // Its list can change only by another handshake, after which it continues where it was.
        Assert.Equal(CloseReason.RoleChanged, link.Session.ClosedFor);
        link.Break();
        new CorePair(_middle, old).Pump();
        Assert.Equal([_middle.Core.RunId], old.Core.KnownUpstreamRunIds);
        Assert.Equal(1, _middle.Counters.SyncPartialOk);

        _root.Follow(isOrdered: true);
        new CorePair(old, _root).Pump();
        Assert.True(_root.Core.IsLinkUp);
        Assert.Equal(0, old.Counters.HandshakesRefused);
    }

    [Fact]
    public void Leaf_ThatCannotBeToldOfChanges_KeepsItsLinkWhileItLoadsAndWhileNothingChanges()
    {
        CoreNode old = CoreNode.Replica(_time, new NodeSettings { OfferedCapabilities = HandshakeRules.Offered & ~Capabilities.UpstreamUpdates }, seed: 4);
        for (int i = 0; i < 1_000; i++)
        {
            _root.Set($"key-{i}", new byte[1_000]);
        }

        _upper.Pump();
        var link = new CorePair(_middle, old);
        while (link.Session.State != ReplicaSessionState.SendingSnapshot)
        {
            link.Step();
        }

        _middle.Core.Promote(force: false, _middle.Now);
        _middle.Core.Tick(_middle.Now);
        Assert.Equal(ReplicaSessionState.SendingSnapshot, link.Session.State);

        link.Pump();
        _middle.Core.Tick(_middle.Now);
        Assert.Equal(CloseReason.RoleChanged, link.Session.ClosedFor);
        link.Break();
        var again = new CorePair(_middle, old);
        again.Pump();
        _middle.Core.AnnounceUpstream();
        _middle.Core.Tick(_middle.Now);
        Assert.Equal(ReplicaSessionState.Streaming, again.Session.State);
        Assert.Equal(1, old.Counters.FullSyncsCompleted);
    }

    private static void ConnectIfDown(CoreNode master, CoreNode replica)
    {
        if (!replica.Core.IsLinkUp)
        {
            new CorePair(master, replica).Pump();
        }
    }

    private static CorePair[] OrderIntoACircle(CoreNode[] nodes)
    {
        foreach (CoreNode node in nodes)
        {
            node.Follow(isOrdered: true);
        }

        return [.. Enumerable.Range(0, nodes.Length).Select(i => new CorePair(nodes[(i + 1) % nodes.Length], nodes[i]))];
    }
}
