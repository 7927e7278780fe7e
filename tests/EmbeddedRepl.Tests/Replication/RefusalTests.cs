using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Answers that are not a sync: the replica keeps what it has, says why, and goes on asking.</summary>
public sealed class RefusalTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;

    public RefusalTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("key", "value");
        _replica = CoreNode.Replica(_time);
        Meet(_master).Break();
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void RestartedEmptyMaster_ReplicaWithItsData_RefusesAndKeepsServingAndAsksAgain()
    {
        CoreNode restarted = CoreNode.Master(_time, seed: 9);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Meet(restarted);

            Assert.Equal("value", _replica.GetText("key"));
            Assert.Equal((attempt, attempt), (_replica.Counters.FullSyncsRefused, restarted.Counters.FullSyncsRefusedByReplica));
            Assert.Equal((0, attempt, 0), (restarted.Counters.SyncFull, restarted.Counters.SyncPartialErr, restarted.Core.FullSyncs.Running));
            Assert.Contains("another history", _replica.Core.Upstream!.Refusal, StringComparison.Ordinal);
            Assert.Equal(_replica.Core.Upstream.Refusal, _replica.Core.Upstream.DownReason);
            _replica.Advance(1_000);
            Assert.True(_replica.Core.Upstream.ShouldConnect(_replica.Now));
        }
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void RestartedEmptyMaster_Overridden_ReplacesTheData()
    {
        CoreNode restarted = CoreNode.Master(_time, seed: 9);
        restarted.Core.OverrideRefusals();
        Meet(restarted);

        Assert.True(_replica.Core.IsLinkUp);
        Assert.Null(_replica.Get("key"));
        Assert.Null(_replica.Core.Upstream!.Refusal);
    }

    [Fact]
    [Trait("Behaviour", "D13")]
    public void RestartedEmptyMaster_ReplicaOrdered_ReplacesTheDataThisOnce()
    {
        CoreNode restarted = CoreNode.Master(_time, seed: 9);
        _replica.Follow(isOrdered: true);
        Meet(restarted).Break();
        Assert.Null(_replica.Get("key"));

        // The order is fulfilled: the next master without data needs another one.
        restarted.Set("key", "again");
        Meet(restarted).Break();
        Meet(CoreNode.Master(_time, seed: 10));
        Assert.Equal("again", _replica.GetText("key"));
        Assert.Equal(1, _replica.Counters.FullSyncsRefused);
    }

    [Fact]
    [Trait("Behaviour", "B6")]
    public void MasterBehindItsReplica_OnTheSameHistory_IsRefused()
    {
        var master = new ScriptedMaster(_replica);
        SyncRequestFrame request = master.ShakeHands().Read<SyncRequestFrame>();
        master.Give(new FullSyncOfferFrame(request.Id, request.OriginId, request.Offset - 1, request.Ancestors, Override: false));

        Assert.Equal(FullSyncRefusal.AheadOfMaster, master.TakeOne<FullSyncRefuseFrame>().Reason);
        Assert.Equal(CloseReason.FullSyncRefused, master.Link.ClosedFor);
        Assert.Equal("value", _replica.GetText("key"));
    }

    [Fact]
    [Trait("Behaviour", "B5")]
    public void ExactlyCurrent_Continues_WithoutAByte()
    {
        var replica = new ScriptedReplica(_master);
        replica.ShakeHands();
        replica.Ask(_master.Core.Data.History, _master.Offset);

        Assert.Equal(_master.Offset, replica.TakeOne<ContinueFrame>().Offset);
        Assert.Equal(1, _master.Counters.SyncPartialOk);
    }

    [Fact]
    [Trait("Behaviour", "B13")]
    public void NotNow_ReplicaWithData_KeepsItAndAsksForTheSameAgain()
    {
        for (int attempt = 0; attempt < 5; attempt++)
        {
            var master = new ScriptedMaster(_replica);
            SyncRequestFrame request = master.ShakeHands().Read<SyncRequestFrame>();
            Assert.Equal((_master.Core.Data.History.Id, _master.Offset), (request.Id, request.Offset));
            master.Give(new NotNowFrame(NotNowReason.Loading, "loading", 0, []));

            Assert.Equal(CloseReason.NotNow, master.Link.ClosedFor);
            Assert.Contains("Loading", _replica.Core.Upstream!.DownReason, StringComparison.Ordinal);
            _replica.Advance(1_000);
            Assert.True(_replica.Core.Upstream.ShouldConnect(_replica.Now));
        }

        Meet(_master);
        Assert.Equal((1, 1), (_master.Counters.SyncFull, _master.Counters.SyncPartialOk));
    }

    [Fact]
    [Trait("Behaviour", "B13")]
    public void Node_ThatNeverSynced_AnswersNotNow()
    {
        var asker = new ScriptedReplica(CoreNode.Replica(_time, seed: 7));
        asker.ShakeHands();
        asker.Ask(_master.Core.Data.History, 5);

        Assert.Equal(NotNowReason.Loading, asker.TakeOne<NotNowFrame>().Reason);
        Assert.Equal(CloseReason.NotNow, asker.Session.ClosedFor);
    }

    [Theory]
    [Trait("Behaviour", "C6")]
    [InlineData(true)]
    [InlineData(false)]
    public void MiddleNode_OwnLinkDown_ContinuesWhomItCanAndAnswersNotNowToOthers(bool knowsHistory)
    {
        var asker = new ScriptedReplica(_replica);
        asker.ShakeHands();
        asker.Ask(knowsHistory ? _replica.Core.Data.History : ReplicationHistory.None, knowsHistory ? _replica.Offset : 0);

        Assert.Equal(knowsHistory ? FrameType.Continue : FrameType.NotNow, asker.Take()[0].Type);
    }

    [Fact]
    [Trait("Behaviour", "B6")]
    public void MiddleNode_AskerIsAhead_AnswersNotNowAndNeverAFullSync()
    {
        Meet(_master);
        var asker = new ScriptedReplica(_replica);
        asker.ShakeHands();
        asker.Ask(_replica.Core.Data.History, _replica.Offset + 1, holdsData: true);

        Assert.Equal(NotNowReason.Lagging, asker.TakeOne<NotNowFrame>().Reason);
        Assert.Equal((0, 0), (_replica.Counters.SyncFull, _replica.Counters.SyncPartialErr));
    }

    [Fact]
    [Trait("Behaviour", "B6")]
    public void Master_UnknownIdAsked_OffersAFullSyncLoggedAndCounted()
    {
        var asker = new ScriptedReplica(_master);
        asker.ShakeHands();
        asker.Ask(Histories.Begin(44), 7, holdsData: true);

        Assert.Equal(_master.Core.Data.History.Id, asker.TakeOne<FullSyncOfferFrame>().Id);
        Assert.Equal(1, _master.Counters.SyncPartialErr);
        Assert.Contains(_master.Events.Lines, line => line.StartsWith("SyncDecided peer Full UnknownId", StringComparison.Ordinal));
    }

    [Fact]
    public void Accept_MoreThanMaxReplicas_IsPutOffAlsoWhileOthersConsiderTheirOffer()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { MaxReplicas = 1 }, seed: 8);
        var first = new ScriptedReplica(master);
        first.ShakeHands();
        first.Ask(ReplicationHistory.None, 0);
        first.TakeOne<FullSyncOfferFrame>();
        var second = new ScriptedReplica(master);
        second.ShakeHands();
        second.Ask(ReplicationHistory.None, 0);

        Assert.Equal(NotNowReason.TooManyReplicas, second.TakeOne<NotNowFrame>().Reason);
    }

    [Fact]
    public void Stop_AnyPeer_IsToldAndNobodyIsLetInAnyMore()
    {
        var streaming = new ScriptedReplica(_master);
        streaming.BeginStreaming();
        _master.Core.Stop(_master.Now);

        Assert.Equal(ErrorCode.ShuttingDown, streaming.TakeOne<ErrorFrame>().Code);
        Assert.Equal(ErrorCode.ShuttingDown, new ScriptedReplica(_master).TakeOne<ErrorFrame>().Code);
        Assert.Empty(_master.Core.Sessions);
    }

    private CorePair Meet(CoreNode master)
    {
        var pair = new CorePair(master, _replica);
        pair.Pump();
        return pair;
    }
}
