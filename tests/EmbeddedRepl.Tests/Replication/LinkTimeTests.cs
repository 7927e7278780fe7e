using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>The timers of a link and of what outlives it, on a clock that only the test moves.</summary>
public sealed class LinkTimeTests
{
    private readonly CoreNode _replica = CoreNode.Replica(
        new ManualTimeProvider(), new NodeSettings { HandshakeTimeout = 5_000, LinkTimeout = 30_000, AckInterval = 1_000 });

    [Fact]
    [Trait("Behaviour", "G1")]
    public void Handshake_MasterFrozen_EndsAtTheTimeout()
    {
        var master = new ScriptedMaster(_replica);
        _replica.Advance(4_999);
        Assert.False(master.Link.IsClosed);

        _replica.Advance(1);
        Assert.Equal(CloseReason.HandshakeTimeout, master.Link.ClosedFor);
    }

    [Fact]
    [Trait("Behaviour", "G1")]
    public void Asked_MasterFrozen_EndsAfterTheLinkTimeoutAndIsTriedAgain()
    {
        var master = new ScriptedMaster(_replica);
        master.ShakeHands();
        _replica.Advance(29_999);
        Assert.False(master.Link.IsClosed);

        _replica.Advance(1);
        Assert.Equal(CloseReason.Silence, master.Link.ClosedFor);
        _replica.Advance(50);
        Assert.True(_replica.Core.Upstream!.ShouldConnect(_replica.Now));
    }

    [Fact]
    [Trait("Behaviour", "G1")]
    public void Loading_HeartbeatsButNoData_ClosesForWantOfProgress()
    {
        ScriptedMaster master = BeginLoad();
        for (int i = 0; i < 29; i++)
        {
            _replica.Advance(1_000);
            master.Give(new HeartbeatFrame(1, 0, null));
            Assert.False(master.Link.IsClosed);
        }

        _replica.Advance(1_000);
        Assert.Equal(CloseReason.NoProgress, master.Link.ClosedFor);
        Assert.Equal(1, _replica.Counters.FullSyncsFailed);
    }

    [Fact]
    public void Asked_WhileWaiting_SaysEverySecondThatItLives()
    {
        var master = new ScriptedMaster(_replica);
        master.ShakeHands();
        _replica.Advance(999);
        Assert.Empty(master.Take());
        _replica.Advance(1);
        Assert.Equal(0, master.TakeOne<AckFrame>().AppliedOffset);
        Assert.Empty(master.Take());
    }

    [Fact]
    public void Handshaking_NotYetThrough_NeverAcknowledges()
    {
        var master = new ScriptedMaster(_replica);
        master.Take();
        _replica.Advance(4_000);

        Assert.Empty(master.Take());
    }

    [Fact]
    public void Loading_AfterAHeartbeat_AcknowledgesWithItsEchoAndAge()
    {
        ScriptedMaster master = BeginLoad();
        master.Take();
        master.Give(new HeartbeatFrame(123_456, 900, null));
        _replica.Advance(1_000);

        AckFrame ack = master.TakeOne<AckFrame>();
        // What is loaded is not served yet, and may still be discarded.
        Assert.Equal((0, 123_456, 1_000), (ack.AppliedOffset, ack.EchoUtcMs, ack.EchoAgeMs));
        Assert.Equal(900, master.Link.MasterEndOffset);
    }

    [Fact]
    [Trait("Behaviour", "A13")]
    public void Connect_FailsAgainAndAgain_TriesAtOnceThenWithDoublingPausesAndKeepsTheData()
    {
        CoreNode node = CoreNode.Master(new ManualTimeProvider());
        node.Set("key", "value");
        ReplicaLinkKeeper keeper = node.Follow(isOrdered: true);
        List<long> pauses = [];
        for (int i = 0; i < 8; i++)
        {
            Assert.True(keeper.ShouldConnect(node.Now));
            keeper.BeginConnect();
            Assert.False(keeper.ShouldConnect(node.Now));
            keeper.ConnectFailed("refused", node.Now);
            pauses.Add(keeper.NextAttemptAt - node.Now.Milliseconds);
            node.Advance(pauses[^1]);
        }

        long step = 50;
        foreach (long pause in pauses)
        {
            Assert.InRange(pause, step / 2, step);
            step = Math.Min(step * 2, 1_000);
        }

        Assert.Equal("value", node.GetText("key"));
        Assert.Equal("refused", keeper.DownReason);
        Assert.Equal(8, node.Counters.LinkFailures);
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1_000, true)]
    public void LinkClosed_AfterStreaming_IsTriedAtOnceOnlyIfItHeldForAWhile(long streamed, bool atOnce)
    {
        CoreNode master = CoreNode.Master(_replica.Time);
        var pair = new CorePair(master, _replica);
        pair.Pump();
        Assert.True(_replica.Core.IsLinkUp);
        _replica.Advance(streamed);
        pair.Break();

        Assert.Equal(atOnce, _replica.Core.Upstream!.ShouldConnect(_replica.Now));
    }

    [Fact]
    [Trait("Behaviour", "A15")]
    public void Connected_NodeFollowsSomebodyElseMeanwhile_GivesALinkThatIsClosed()
    {
        ReplicaLinkKeeper keeper = _replica.Core.Upstream!;
        keeper.BeginConnect();
        _replica.Follow();
        ReplicaLink link = keeper.Connected(new CountingSignal(), _replica.Now);

        Assert.Equal(CloseReason.RoleChanged, link.ClosedFor);
        Assert.Null(keeper.Link);
        Assert.False(keeper.ShouldConnect(_replica.Now));
    }

    private ScriptedMaster BeginLoad()
    {
        var master = new ScriptedMaster(_replica);
        master.ShakeHands();
        master.Give(new FullSyncOfferFrame(Histories.Id(5), Histories.Id(5), 40, [], Override: false));
        master.Give(new FullSyncStartFrame(Histories.Id(5), Histories.Id(5), [], 40, 123, 1, 1));
        return master;
    }
}
