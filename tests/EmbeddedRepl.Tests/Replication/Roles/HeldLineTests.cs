using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Roles;

/// <summary>Those who wait in line at a middle node whose own link went down meanwhile.</summary>
[Trait("Behaviour", "C6")]
public sealed class HeldLineTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _root;
    private readonly CoreNode _middle;
    private readonly ScriptedReplica _running;
    private readonly ScriptedReplica _waiting;

    public HeldLineTests()
    {
        _root = CoreNode.Master(_time);
        _root.Set("key", "value");
        _middle = CoreNode.Replica(_time, new NodeSettings { MaxConcurrentFullSyncs = 1 });
        Connect();
        _running = new ScriptedReplica(_middle);
        _running.AskForFullSync();
        _waiting = new ScriptedReplica(_middle);
        _waiting.AskForFullSync();
        _waiting.Take();
    }

    [Fact]
    public void TurnComes_WhileTheLinkIsDown_WaitsOnAliveUntilItIsBack()
    {
        _middle.Core.Upstream!.Link!.Close(CloseReason.ConnectionLost, "broken", _middle.Now);
        _running.Session.Close(CloseReason.ConnectionLost, "gone", _middle.Now);
        Assert.Equal(ReplicaSessionState.WaitingForSnapshot, _waiting.Session.State);
        _middle.Advance(10_000);
        Assert.Contains(_waiting.Take(), frame => frame.Type == FrameType.FullSyncWait);
        Assert.False(_waiting.Session.IsClosed);

        Connect();
        Assert.Equal(ReplicaSessionState.SendingSnapshot, _waiting.Session.State);
        Assert.Contains(_waiting.Take(), frame => frame.Type == FrameType.FullSyncStart);
    }

    [Fact]
    public void TurnComes_WhileTheLinkIsDown_APromotionLetsItIn()
    {
        _middle.Core.Upstream!.Link!.Close(CloseReason.ConnectionLost, "broken", _middle.Now);
        _running.Session.Close(CloseReason.ConnectionLost, "gone", _middle.Now);
        _middle.Core.Promote(force: false, _middle.Now);

        FullSyncStartFrame start = _waiting.Take().Single(frame => frame.Type == FrameType.FullSyncStart).Read<FullSyncStartFrame>();
        Assert.Equal(_middle.Core.Data.History.Id, start.Id);
    }

    [Fact]
    public void Offer_AcceptedAfterTheLinkWentDown_WaitsInLineAlthoughAPlaceIsFree()
    {
        _running.Session.Close(CloseReason.ConnectionLost, "gone", _middle.Now);
        _waiting.Session.Close(CloseReason.ConnectionLost, "gone", _middle.Now);
        var late = new ScriptedReplica(_middle);
        late.ShakeHands();
        late.Ask(ReplicationHistory.None, 0);
        late.TakeOne<FullSyncOfferFrame>();
        _middle.Core.Upstream!.Link!.Close(CloseReason.ConnectionLost, "broken", _middle.Now);
        late.Give(default(FullSyncAcceptFrame));

        Assert.Equal(ReplicaSessionState.WaitingForSnapshot, late.Session.State);
        Connect();
        Assert.Equal(ReplicaSessionState.SendingSnapshot, late.Session.State);
    }

    private void Connect()
    {
        var pair = new CorePair(_root, _middle);
        pair.Pump();
        Assert.True(_middle.Core.IsLinkUp);
    }
}
